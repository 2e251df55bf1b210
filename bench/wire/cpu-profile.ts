import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A .cpuprofile, as V8 writes it: as much of it as is used here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The id of the node that each sample hit. */
  readonly samples: readonly number[];
  /** Before each sample, in microseconds. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0; -1 for what has none. */
    readonly lineNumber: number;
  };
}

/** What was spent in one function itself, without those that it called. */
export interface SelfTime {
  readonly name: string;
  /** A path from the root of the repository, "node:…", or "" for what V8 has built in. */
  readonly file: string;
  /** From 1; 0 for what has none. */
  readonly line: number;
  readonly group: string;
  readonly micros: number;
}

/** What the server did while it had something to do. */
export interface Busy {
  /** Most time first. */
  readonly functions: readonly SelfTime[];
  /** All of them together. */
  readonly micros: number;
  readonly idleMicros: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What V8 counts as functions that are none. */
const pseudo = new Map([
  ["(garbage collector)", "garbage collection"],
  ["(program)", "native code outside JavaScript"],
]);

/** Adds up the samples by function. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): Busy {
  const byNode = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    // A sample stands for the time until the next one.
    byNode.set(id, (byNode.get(id) ?? 0) + (timeDeltas[index + 1] ?? 0));
  }
  const functions = new Map<string, SelfTime>();
  let micros = 0;
  let idleMicros = 0;
  for (const { id, callFrame } of nodes) {
    const own = byNode.get(id) ?? 0;
    const name = callFrame.functionName === "" ? "(anonymous)" : callFrame.functionName;
    if (name === "(idle)") {
      idleMicros += own;
      continue;
    }
    micros += own;
    const file = fileOf(callFrame.url);
    const line = callFrame.lineNumber + 1;
    const key = `${name} ${file}:${line}`;
    const before = functions.get(key)?.micros ?? 0;
    functions.set(key, { name, file, line, group: groupOf(name, file), micros: before + own });
  }
  return {
    functions: [...functions.values()].toSorted((a, b) => b.micros - a.micros),
    micros,
    idleMicros,
  };
}

/** Adds up what has the same key; most time first. */
export function sums(
  functions: readonly SelfTime[],
  keyOf: (one: SelfTime) => string | undefined,
): [key: string, micros: number][] {
  const found = new Map<string, number>();
  for (const one of functions) {
    const key = keyOf(one);
    if (key !== undefined) found.set(key, (found.get(key) ?? 0) + one.micros);
  }
  return [...found].toSorted(([, a], [, b]) => b - a);
}

function fileOf(url: string): string {
  return url.startsWith("file:") ? relative(root, fileURLToPath(url)) : url;
}

function groupOf(name: string, file: string): string {
  if (file === "") return pseudo.get(name) ?? "built-ins and bindings";
  if (file.startsWith("node:")) return "Node.js internals";
  const parts = file.split("/");
  const modules = parts.lastIndexOf("node_modules");
  if (modules >= 0) {
    const [first = "", second = ""] = parts.slice(modules + 1);
    return first.startsWith("@") ? `${first}/${second}` : first;
  }
  return parts[0] === "src" && parts.length > 2 ? `src/${parts[1]}` : (parts[0] ?? "");
}
