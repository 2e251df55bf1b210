/**
 * Says where a text stops being JSON, such as `unexpected "}" (line 1 column
 * 15)`; undefined if it is JSON. JSON.parse tells the place of some mistakes
 * only. The grammar is that of RFC 8259.
 */
export function syntaxFault(text: string): string | undefined {
  const index = faultIndex(text);
  if (index === undefined) return undefined;
  const before = text.slice(0, index).split("\n");
  const place = `line ${before.length} column ${(before.at(-1) ?? "").length + 1}`;
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  const what =
    index < text.length ? `unexpected ${JSON.stringify(character)}` : "it ends too early";
  return `${what} (${place})`;
}

/** What may come next; "end" closes the innermost list or object, or the text. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end";

const SPACE = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const [quote, backslash, space] = [0x22, 0x5c, 0x20];

/**
 * Where the string ends that begins here; -1 if it is none. By hand, because a
 * pattern keeps a note of every character, for which there is no room in a text
 * of many megabytes.
 */
function stringEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== quote) return -1;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code < space) return -1;
    if (code === backslash) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return -1;
      at = ESCAPE.lastIndex - 1;
    }
  }
  return -1;
}

function faultIndex(text: string): number | undefined {
  const open: string[] = [];
  let expected: Expected = "value";
  let index = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = index;
    if (!pattern.test(text)) return false;
    index = pattern.lastIndex;
    return true;
  };
  const takeString = (): boolean => {
    const end = stringEnd(text, index);
    if (end >= 0) index = end;
    return end >= 0;
  };
  for (;;) {
    take(SPACE);
    const character = text.charAt(index);
    const inObject = open.at(-1) === "{";
    if (expected === "comma or end" && open.length === 0) {
      return index < text.length ? index : undefined;
    }
    const mayEnd = expected.endsWith("or end");
    if (mayEnd && character === (inObject ? "}" : "]")) {
      open.pop();
      index++;
      expected = "comma or end";
    } else if (expected === "comma or end") {
      if (character !== ",") return index;
      index++;
      expected = inObject ? "key" : "value";
    } else if (expected === "colon") {
      if (character !== ":") return index;
      index++;
      expected = "value";
    } else if (expected === "key" || expected === "key or end") {
      if (!takeString()) return index;
      expected = "colon";
    } else if (character === "{" || character === "[") {
      open.push(character);
      index++;
      expected = character === "{" ? "key or end" : "value or end";
    } else {
      if (!takeString() && !take(SCALAR)) return index;
      expected = "comma or end";
    }
  }
}
