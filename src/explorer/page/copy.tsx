import { useEffect, useState } from "preact/hooks";

/** For how long a button says that it has done it, in milliseconds. */
const TOLD_MS = 2_000;

/** Copies a text, and says so. */
export function CopyButton({ text, label = "Copy" }: { text: () => string; label?: string }) {
  const [told, setTold] = useState<string>();
  useEffect(() => {
    if (told === undefined) return undefined;
    const timer = setTimeout(() => setTold(undefined), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const copy = async (): Promise<void> => {
    setTold((await copied(text())) ? "Copied" : "Could not copy");
  };
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      <span aria-live="polite">{told ?? label}</span>
    </button>
  );
}

/** The clipboard is there for secure origins only: others have to select the text. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    try {
      return document.execCommand("copy");
    } finally {
      area.remove();
    }
  }
}
