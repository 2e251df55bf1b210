import { useId, useState } from "preact/hooks";
import { commandsOf, type WrittenCall } from "../commands.ts";
import { CopyButton } from "./copy.tsx";

/** The tool that was looked at last is shown first, for the next method too. */
const last = { tool: "curl" };

/** The call for other tools, to copy. */
export function Commands({ call }: { call: WrittenCall }) {
  const commands = commandsOf(call);
  const [tool, setTool] = useState(last.tool);
  const id = useId();
  const at = Math.max(
    0,
    commands.findIndex((command) => command.tool === tool),
  );
  const shown = commands[at];
  const choose = (chosen: number): void => {
    const command = commands[(chosen + commands.length) % commands.length];
    if (command === undefined) return;
    last.tool = command.tool;
    setTool(command.tool);
    document.getElementById(`${id}-${command.tool}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowRight") choose(at + 1);
    if (event.key === "ArrowLeft") choose(at - 1);
  };
  return (
    <div class="commands card">
      <div class="tabs" role="tablist" aria-label="Tools" onKeyDown={onKeyDown}>
        {commands.map((command, index) => (
          <button
            key={command.tool}
            id={`${id}-${command.tool}`}
            type="button"
            role="tab"
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => choose(index)}
          >
            {command.tool}
          </button>
        ))}
      </div>
      {shown !== undefined && (
        <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${shown.tool}`}>
          {shown.text !== undefined && (
            <>
              <pre class="code" tabIndex={0}>
                {shown.text}
              </pre>
              <CopyButton key={shown.tool} text={() => shown.text ?? ""} />
            </>
          )}
          {shown.note !== undefined && <p class="muted">{shown.note}</p>}
        </div>
      )}
    </div>
  );
}
