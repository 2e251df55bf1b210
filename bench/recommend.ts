/**
 * What a recommendation costs:
 *
 *     npm run bench:recommend -- [--items LIST] [--served N] [--windows N]
 *                                [--directory DIR] [--profile]
 *
 * For each number of items (default 10000,100000) it makes a catalog and viewers
 * who viewed 50 items each, trains, and measures `Recommend` in the engine. At
 * `--served` of them (default 10000; 0 for none) it then compares, over gRPC, the
 * calls of Recommend a second with those of Greet, in turns: the server on one
 * core, the load on the other, each call for another viewer. The first of
 * `--windows` (default 7) is thrown away. What is in `--directory` already is
 * used again. With `--profile` the server writes what it did into it.
 *
 * Needs Linux and two cores.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildKernels } from "../src/recommendations/model/kernels/build.ts";
import { print } from "./analytics/print.ts";
import { startServer } from "./analytics/server.ts";
import { viewersOf } from "./recommend/data.ts";
import { benchEngine } from "./recommend/engine.ts";
import type { UnaryJob } from "./recommend/unary-load.ts";
import { killAll, startChild } from "./wire/child.ts";
import { median } from "./wire/statistics.ts";

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "10000,100000" },
    served: { type: "string", default: "10000" },
    windows: { type: "string", default: "7" },
    directory: { type: "string" },
    profile: { type: "boolean", default: false },
  },
});

/** How long a window is, about: seconds. */
const windowSeconds = 1.5;
const warmUp = { greet: 80_000, recommend: 20_000 };
type Method = UnaryJob["method"];

async function compare(directory: string, items: number, windows: number): Promise<void> {
  const server = await startServer({
    directory,
    core: 0,
    settings: { MARQUEE_LOG_LEVEL: "info" },
    nodeOptions: values.profile ? ["--cpu-prof", `--cpu-prof-dir=${directory}`] : [],
  });
  const load = await startChild(new URL("recommend/unary-load.ts", import.meta.url), { core: 1 });
  let first = 0;
  const rate = async (method: Method, calls: number): Promise<number> => {
    const job: UnaryJob = { method, base: server.url, calls, viewers: viewersOf(items), first };
    first += calls;
    return calls / ((await load.ask(job)) as number);
  };
  const pace = {
    greet: await rate("greet", warmUp.greet),
    recommend: await rate("recommend", warmUp.recommend),
  };
  const rates: Record<Method, number[]> = { greet: [], recommend: [] };
  for (let window = 0; window < windows; window++) {
    const order: Method[] = window % 2 === 0 ? ["greet", "recommend"] : ["recommend", "greet"];
    for (const method of order) {
      const found = await rate(method, Math.ceil(pace[method] * windowSeconds));
      // The first window of each is still a warm-up.
      if (window > 0) rates[method].push(found);
    }
  }
  await load.stop();
  await server.stop();
  const ratios = rates.recommend.map((found, index) => found / (rates.greet[index] ?? Number.NaN));
  print(
    `${items} items over gRPC on one core: ${Math.round(median(rates.greet))} Greet/s, ` +
      `${Math.round(median(rates.recommend))} Recommend/s, ratio ${median(ratios).toFixed(3)}`,
  );
}

const directory = values.directory ?? (await mkdtemp(join(tmpdir(), "marquee-bench-")));
await mkdir(directory, { recursive: true });
process.once("SIGINT", () => {
  killAll();
  process.exit(130);
});
try {
  await buildKernels();
  for (const items of values.items.split(",").map(Number)) {
    const place = join(directory, String(items));
    await benchEngine(join(place, "data"), items);
    if (items === Number(values.served)) await compare(place, items, Number(values.windows));
  }
} finally {
  killAll();
  if (values.directory === undefined) await rm(directory, { recursive: true, force: true });
}
