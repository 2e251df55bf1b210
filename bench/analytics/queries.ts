import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { median } from "../wire/statistics.ts";
import { print, table } from "./print.ts";
import { questions, type Question } from "./questions.ts";
import { seed } from "./seed.ts";
import { startServer } from "./server.ts";

/** How often each question is asked; the first times are thrown away. */
const rounds = 7;
const warmUp = 2;

interface Times {
  readonly ours: number;
  readonly bare: number;
}

/** What each question takes through the server, and its SQL on bare DuckDB. */
export async function benchQueries(directory: string, views: number): Promise<void> {
  print(`questions about ${views} views: milliseconds, medians of ${rounds - warmUp}`);
  const { asked, times } = await measure(directory, views);
  table(
    ["question", "ours", "bare", "ratio", "bound"],
    asked.map(({ name, boundMs }, index) => {
      const { ours, bare } = times[index] as Times;
      return [name, ours.toFixed(1), bare.toFixed(1), (ours / bare).toFixed(2), boundMs ?? ""];
    }),
  );
  print("");
}

/** The same for more and more views. */
export async function benchGrowth(directory: string, steps: readonly number[]): Promise<void> {
  const found: Times[][] = [];
  let names: string[] = [];
  for (const views of steps) {
    print(`questions about ${views} views …`);
    const place = join(directory, String(views));
    const { asked, times } = await measure(place, views);
    names = asked.map(({ name }) => name);
    found.push(times);
    await rm(place, { recursive: true });
  }
  table(
    ["question, ms (of bare)", ...steps.map(String)],
    names.map((name, index) => [
      name,
      ...found.map((times) => {
        const { ours, bare } = times[index] as Times;
        return `${ours.toFixed(1)} (${(ours / bare).toFixed(2)})`;
      }),
    ]),
  );
  print("");
}

async function measure(
  directory: string,
  views: number,
): Promise<{ asked: Question[]; times: Times[] }> {
  // An hour that has begun is over, so that all views are in the past.
  const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  await mkdir(join(directory, "data"), { recursive: true });
  await seed(directory, views, end);
  const copy = join(directory, "bare.duckdb");
  await copyFile(join(directory, "data", "columns.duckdb"), copy);
  const instance = await DuckDBInstance.create(copy, { memory_limit: "1024MiB" });
  const bare = await instance.connect();
  const server = await startServer({ directory });
  const asked = questions(end);
  try {
    const times: Times[] = [];
    for (const question of asked) {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        const answer = await question.ask(server.client);
        const between = performance.now();
        const rows = (await bare.runAndReadAll(question.sql)).getRowObjects();
        const ended = performance.now();
        const expected = rows.reduce(
          (sum, row) => sum + Number(row["views"]) + Number(row["viewers"] ?? 0),
          0,
        );
        if (answer !== expected) {
          throw new Error(`${question.name}: ${answer} here, ${expected} by bare DuckDB`);
        }
        if (round < warmUp) continue;
        ours.push(between - began);
        theirs.push(ended - between);
      }
      times.push({ ours: median(ours), bare: median(theirs) });
    }
    return { asked, times };
  } finally {
    await server.stop();
    bare.closeSync();
    instance.closeSync();
  }
}
