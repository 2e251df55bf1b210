import { parseArgs } from "node:util";

const parts = ["unary", "ingestion", "memory", "visibility", "queries", "growth"] as const;
export type Part = (typeof parts)[number];

export interface Options {
  readonly parts: ReadonlySet<Part>;
  readonly rounds: number;
  readonly windows: number;
  /** Views of ingestion, memory, queries, and of each step of growth. */
  readonly ingested: number;
  readonly remembered: number;
  readonly asked: number;
  readonly grown: readonly number[];
  /** Where the files go while it runs; default: a new directory for temporary files. */
  readonly directory: string | undefined;
}

export const usage = `Measures analytics against its floors, on this machine.

    npm run bench:analytics -- [OPTIONS]

  --only LIST       parts, with commas between them: ${parts.join(", ")}
                    (default: all but memory and growth, which take long)
  --rounds N        rounds of ingestion (default 3)
  --windows N       windows of unary calls, the first of which is thrown away (default 7)
  --views N         views of a round of ingestion (default 1000000)
  --memory-views N  views of the memory part (default 20000000)
  --query-views N   views that questions are asked about (default 10000000)
  --growth LIST     the same for each step of growth (default 1000000,10000000,100000000)
  --directory DIR   where the files go meanwhile (default: a new temporary directory)
  --help            prints this

Needs Linux, two cores, and for unary calls h2load (Debian: nghttp2-client).
`;

/**
 * Reads the command line. Undefined when it asks for help.
 *
 * @throws Error in one line that says what is wrong.
 */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "unary,ingestion,visibility,queries" },
      rounds: { type: "string", default: "3" },
      windows: { type: "string", default: "7" },
      views: { type: "string", default: "1000000" },
      "memory-views": { type: "string", default: "20000000" },
      "query-views": { type: "string", default: "10000000" },
      growth: { type: "string", default: "1000000,10000000,100000000" },
      directory: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const wanted = values.only.split(",").map((name) => name.trim());
  for (const name of wanted) {
    if (!parts.some((part) => part === name)) {
      throw new Error(`--only: there is no ${name}, only ${parts.join(", ")}`);
    }
  }
  return {
    parts: new Set(wanted as Part[]),
    rounds: count("--rounds", values.rounds, 1),
    windows: count("--windows", values.windows, 2),
    ingested: count("--views", values.views, 1_000),
    remembered: count("--memory-views", values["memory-views"], 1_000),
    asked: count("--query-views", values["query-views"], 1_000),
    grown: values.growth.split(",").map((text) => count("--growth", text, 1_000)),
    directory: values.directory,
  };
}

function count(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min) {
    throw new Error(`${flag} must be a whole number from ${min} up, not ${text}`);
  }
  return value;
}
