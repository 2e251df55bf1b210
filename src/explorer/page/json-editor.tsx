import { useId, useRef } from "preact/hooks";
import { lineAndColumn, type Place } from "../json-text.ts";

/** A text of JSON to edit. What is wrong is marked where it is. */
export function JsonEditor({
  text,
  fault,
  onText,
}: {
  text: string;
  fault: (Place & { readonly message: string }) | undefined;
  onText: (text: string) => void;
}) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [line, column] = fault === undefined ? [] : lineAndColumn(text, fault.start);
  const show = (): void => {
    if (fault === undefined) return;
    area.current?.focus();
    area.current?.setSelectionRange(fault.start, fault.end);
  };
  return (
    <div class="json-editor">
      <label htmlFor={id}>JSON</label>
      <div class="paper">
        {/* Lies below the text, as large as it, and marks the place. */}
        <pre aria-hidden="true">
          {fault === undefined ? (
            text
          ) : (
            <>
              {text.slice(0, fault.start)}
              <mark>{text.slice(fault.start, fault.end) || " "}</mark>
              {text.slice(fault.end)}
            </>
          )}
          {"\n"}
        </pre>
        <textarea
          ref={area}
          id={id}
          value={text}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : `${id}-fault`}
          onInput={({ currentTarget: { value } }) => onText(value)}
        />
      </div>
      <p id={`${id}-fault`} class="fault" role="status">
        {fault !== undefined && (
          <>
            <button type="button" class="place" onClick={show}>
              Line {line}, column {column}
            </button>
            : {fault.message}
          </>
        )}
      </p>
    </div>
  );
}
