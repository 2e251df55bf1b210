import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { csv, type Cell } from "./logic/csv.ts";
import { download } from "./download.ts";
import type { Answer } from "./use-answer.ts";

/** A table to be saved. */
export interface Table {
  /** The name of the file, without its extension. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What saves a table as a file. */
export function CsvButton({ table, of }: { table: () => Table; of: string }) {
  const save = (): void => {
    const { name, columns, rows } = table();
    download(`${name}.csv`, csv(columns, rows));
  };
  return (
    <button type="button" class="small" onClick={save} aria-label={`Download as CSV: ${of}`}>
      CSV
    </button>
  );
}

interface PanelProps<T> {
  readonly title: string;
  readonly class?: string;
  /** What stands beside the title. */
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly answer: Pick<Answer<T>, "data" | "failure" | "isPending" | "retry">;
  /** What is shown of an answer. */
  readonly children: (data: T) => ComponentChildren;
}

/** A part of the page that waits for an answer of its own. */
export function Panel<T>({ title, note, actions, answer, children, ...props }: PanelProps<T>) {
  const id = useId();
  const { data, failure, isPending, retry } = answer;
  return (
    <section
      class={`card panel ${props.class ?? ""}`}
      aria-labelledby={id}
      aria-busy={isPending ? "true" : undefined}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span class="muted note">{note}</span>}
        <div class="actions">{actions}</div>
      </header>
      {failure !== "" ? (
        <Failure text={failure} retry={retry} />
      ) : (
        <div class={isPending && data !== undefined ? "body old" : "body"}>
          {data === undefined ? <p class="muted empty">Loading…</p> : children(data)}
        </div>
      )}
    </section>
  );
}

/** Why something is not there, and what tries again. */
export function Failure({ text, retry }: { text: string; retry: () => void }) {
  return (
    <div class="notice failure" role="alert">
      <p>This could not be loaded: {text}</p>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
