import { readProse, type Span } from "../prose.ts";

/** A comment of a proto file. */
export function Prose({ text }: { text: string }) {
  if (text === "") return null;
  return (
    <div class="prose">
      {readProse(text).map((block, at) =>
        block.kind === "paragraph" ? (
          <p key={at}>
            <Spans spans={block.spans} />
          </p>
        ) : block.kind === "list" ? (
          <ul key={at}>
            {block.items.map((spans, place) => (
              <li key={place}>
                <Spans spans={spans} />
              </li>
            ))}
          </ul>
        ) : (
          <pre key={at} class="code">
            {block.text}
          </pre>
        ),
      )}
    </div>
  );
}

function Spans({ spans }: { spans: readonly Span[] }) {
  return (
    <>
      {spans.map(({ kind, text }, at) =>
        kind === "code" ? (
          <code key={at}>{text}</code>
        ) : kind === "link" ? (
          <a key={at} href={text} rel="noreferrer">
            {text}
          </a>
        ) : (
          text
        ),
      )}
    </>
  );
}
