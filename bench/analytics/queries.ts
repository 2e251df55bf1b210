import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { median } from "../wire/statistics.ts";
import { print, table } from "./print.ts";
import { questions, type Question } from "./questions.ts";
import { cluster, seed } from "./seed.ts";
import { startServer } from "./server.ts";

/** How often each question is asked; the first times are thrown away. */
interface Rounds {
  readonly all: number;
  readonly warmUp: number;
}
const usual: Rounds = { all: 7, warmUp: 2 };
/** Of a hundred million views a question takes seconds, and varies less. */
const growing: Rounds = { all: 3, warmUp: 1 };

/** What bare DuckDB may have: a hundred million rows take more than the 1 GiB that ours gets. */
const bareMemory = "8192MiB";

interface Times {
  readonly ours: number;
  /** Of bare DuckDB, with the rows as they came, and with the rows in the order that ours have. */
  readonly bare: number;
  readonly clustered: number | undefined;
}

/** What each question takes through the server, and its SQL on bare DuckDB. */
export async function benchQueries(directory: string, views: number): Promise<void> {
  print(`questions about ${views} views: milliseconds, medians of ${usual.all - usual.warmUp}`);
  const { asked, times } = await measure(directory, views, usual, true);
  table(
    ["question", "ours", "bare", "ratio", "bound", "bare, clustered"],
    asked.map(({ name, boundMs }, index) => {
      const { ours, bare, clustered } = times[index] as Times;
      const ratio = (ours / bare).toFixed(2);
      const bound = boundMs ?? "";
      return [name, ours.toFixed(1), bare.toFixed(1), ratio, bound, clustered?.toFixed(1) ?? ""];
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
    const { asked, times } = await measure(place, views, growing, false);
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
  rounds: Rounds,
  withClustered: boolean,
): Promise<{ asked: Question[]; times: Times[] }> {
  // An hour that has begun is over, so that all views are in the past.
  const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  await mkdir(join(directory, "data"), { recursive: true });
  await seed(directory, views, end);
  const columns = join(directory, "data", "columns.duckdb");
  const bare = await Bare.of(columns, join(directory, "bare.duckdb"));
  await cluster(directory);
  const clustered = withClustered
    ? await Bare.of(columns, join(directory, "clustered.duckdb"))
    : undefined;
  const server = await startServer({ directory });
  const asked = questions(end);
  try {
    const times: Times[] = [];
    for (const question of asked) {
      print(`  ${question.name}`);
      const found = { ours: [] as number[], bare: [] as number[], clustered: [] as number[] };
      for (let round = 0; round < rounds.all; round++) {
        const began = performance.now();
        const answer = await question.ask(server.client);
        const ours = performance.now() - began;
        const expected = await bare.ask(question.sql);
        if (answer !== expected.sum) {
          throw new Error(`${question.name}: ${answer} here, ${expected.sum} by bare DuckDB`);
        }
        const again = await clustered?.ask(question.sql);
        if (round < rounds.warmUp) continue;
        found.ours.push(ours);
        found.bare.push(expected.ms);
        if (again !== undefined) found.clustered.push(again.ms);
      }
      times.push({
        ours: median(found.ours),
        bare: median(found.bare),
        clustered: withClustered ? median(found.clustered) : undefined,
      });
    }
    return { asked, times };
  } finally {
    await server.stop();
    bare.close();
    clustered?.close();
  }
}

/** DuckDB by itself, with a copy of a file of columns. */
class Bare {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async of(file: string, copy: string): Promise<Bare> {
    await copyFile(file, copy);
    const instance = await DuckDBInstance.create(copy, { memory_limit: bareMemory });
    return new Bare(instance, await instance.connect());
  }

  /** How long a query takes, and the sum of what it answers. */
  async ask(sql: string): Promise<{ ms: number; sum: number }> {
    const began = performance.now();
    const rows = (await this.#connection.runAndReadAll(sql)).getRowObjects();
    const ms = performance.now() - began;
    const sum = rows.reduce(
      (all, row) => all + Number(row["views"]) + Number(row["viewers"] ?? 0),
      0,
    );
    return { ms, sum };
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
