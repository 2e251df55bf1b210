import type { JsonValue } from "@bufbuild/protobuf";

/** Where something is in a text: from start up to, but not including, end. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Names of members and indexes of elements, from the outside in. */
export type Path = readonly (string | number)[];

/** A text that is JSON, or what is wrong with it and where. */
export type JsonText =
  | {
      readonly value: JsonValue;
      /** Where a value is, or the name of a member. */
      placeOf(path: Path, part: "name" | "value"): Place | undefined;
      readonly fault?: never;
    }
  | { readonly value?: never; readonly fault: Place & { readonly message: string } };

/** More would be refused by servers. */
const MAX_DEPTH = 100;

/**
 * Reads JSON as JSON.parse does, and remembers where everything is. Whole numbers
 * that JavaScript cannot hold become texts, which protobuf takes as well: nothing
 * is rounded where a text is written anew.
 */
export function readJson(text: string): JsonText {
  const places = new Map<string, Place>();
  let at = 0;

  const fail = (message: string, start = at, end = start + 1): never => {
    throw new Fault(message, start, Math.min(Math.max(end, start), text.length));
  };
  const skip = (): void => {
    while (/[ \t\n\r]/.test(text[at] ?? "")) at += 1;
  };

  const readString = (): string => {
    const start = at;
    at += 1;
    while (at < text.length && text[at] !== '"') {
      if (text[at] === "\n") fail("The text does not end on its line.", start, at);
      at += text[at] === "\\" ? 2 : 1;
    }
    if (at >= text.length) fail('The text does not end: a " is missing.', start, text.length);
    at += 1;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail("The text has a character or an escape that JSON does not know.", start, at);
    }
  };

  const readMembers = (path: Path): JsonValue => {
    const entries: [string, JsonValue][] = [];
    at += 1;
    skip();
    while (text[at] !== "}") {
      if (entries.length > 0) {
        if (text[at] !== ",") fail('Here should be "," or "}".');
        at += 1;
        skip();
      }
      const start = at;
      if (text[at] !== '"') fail('Here should be the name of a member, in ".');
      const name = readString();
      const inner = [...path, name];
      places.set(keyOf(inner, "name"), { start, end: at });
      skip();
      if (text[at] !== ":") fail('Here should be ":".');
      at += 1;
      entries.push([name, readValue(inner)]);
      skip();
    }
    at += 1;
    return Object.fromEntries(entries);
  };

  const readElements = (path: Path): JsonValue => {
    const elements: JsonValue[] = [];
    at += 1;
    skip();
    while (text[at] !== "]") {
      if (elements.length > 0) {
        if (text[at] !== ",") fail('Here should be "," or "]".');
        at += 1;
      }
      elements.push(readValue([...path, elements.length]));
      skip();
    }
    at += 1;
    return elements;
  };

  const readWord = (): JsonValue => {
    const [word = ""] = /^[^\s,:[\]{}"]*/.exec(text.slice(at, at + 400)) ?? [];
    const start = at;
    at += word.length;
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) {
      fail('Here should be a value: a text in ", a number, true, false, null, { or [.', start, at);
    }
    const isWhole = /^-?\d+$/.test(word);
    return isWhole && !Number.isSafeInteger(Number(word)) ? word : Number(word);
  };

  const readValue = (path: Path): JsonValue => {
    if (path.length > MAX_DEPTH) fail(`Values are within each other ${MAX_DEPTH} times at most.`);
    skip();
    const start = at;
    const value =
      text[at] === "{"
        ? readMembers(path)
        : text[at] === "["
          ? readElements(path)
          : text[at] === '"'
            ? readString()
            : readWord();
    places.set(keyOf(path, "value"), { start, end: at });
    return value;
  };

  try {
    const value = readValue([]);
    skip();
    if (at < text.length) fail("Here should be the end.", at, text.length);
    return { value, placeOf: (path, part) => places.get(keyOf(path, part)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { message, start, end } = error;
    return { fault: { message, start, end } };
  }
}

class Fault extends Error {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

const keyOf = (path: Path, part: string): string => `${part} ${JSON.stringify(path)}`;

/** Line and column, from 1 on, of a place. */
export function lineAndColumn(text: string, offset: number): [line: number, column: number] {
  const before = text.slice(0, offset).split("\n");
  return [before.length, (before.at(-1) ?? "").length + 1];
}

/** The text of JSON, in lines. */
export function writeJson(value: JsonValue): string {
  return JSON.stringify(value, null, 2);
}

/**
 * The same JSON with another value at a path. Undefined removes it. What is
 * missing on the way is made.
 */
export function withValue(
  whole: JsonValue | undefined,
  [first, ...rest]: Path,
  value: JsonValue | undefined,
): JsonValue | undefined {
  if (first === undefined) return value;
  if (typeof first === "number") {
    const elements = Array.isArray(whole) ? [...whole] : [];
    const changed = withValue(elements[first], rest, value);
    if (changed === undefined) elements.splice(first, 1);
    else elements[first] = changed;
    return elements;
  }
  const members = isObject(whole) ? whole : {};
  const changed = withValue(members[first], rest, value);
  const isThere = Object.hasOwn(members, first);
  const entries = Object.entries(members).flatMap(([name, old]): [string, JsonValue][] =>
    name !== first ? [[name, old]] : changed === undefined ? [] : [[name, changed]],
  );
  if (!isThere && changed !== undefined) entries.push([first, changed]);
  return Object.fromEntries(entries);
}

/** Whether it is an object of JSON. */
export function isObject(value: JsonValue | undefined): value is { [name: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
