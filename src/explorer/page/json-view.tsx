import type { JsonValue } from "@bufbuild/protobuf";
import { useMemo } from "preact/hooks";
import { writeJson } from "../json-text.ts";

/** What is coloured: more takes a browser too long. */
const MAX_COLOURED = 40_000;

/** What is shown at all. Copying has all of it. */
const MAX_SHOWN = 400_000;

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;

/** JSON, in colours. */
export function JsonView({ value }: { value: JsonValue }) {
  const text = useMemo(() => writeJson(value), [value]);
  const rest = text.length - MAX_SHOWN;
  return (
    <>
      <pre class="code json" tabIndex={0}>
        {text.length > MAX_COLOURED ? text.slice(0, MAX_SHOWN) : coloured(text)}
      </pre>
      {rest > 0 && <p class="muted">{rest.toLocaleString("en")} more characters are not shown.</p>}
    </>
  );
}

function coloured(text: string): preact.ComponentChildren[] {
  const pieces: preact.ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, quoted, colon] = match;
    pieces.push(text.slice(end, match.index));
    end = match.index + token.length;
    if (quoted !== undefined && colon !== undefined) {
      pieces.push(<span class="key">{quoted}</span>, colon);
    } else {
      pieces.push(<span class={quoted === undefined ? "word" : "text"}>{token}</span>);
    }
  }
  pieces.push(text.slice(end));
  return pieces;
}
