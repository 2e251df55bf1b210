import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAll } from "../wire/child.ts";
import { benchIngestion, benchMemory } from "./ingestion.ts";
import { readOptions, usage, type Options, type Part } from "./options.ts";
import { benchGrowth, benchQueries } from "./queries.ts";
import { benchUnary } from "./unary.ts";
import { benchVisibility } from "./visibility.ts";

/** What analytics does, next to what its parts can do alone. */

async function run(options: Options): Promise<void> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "marquee-bench-")));
  const part = async (name: Part, measure: (place: string) => Promise<void>): Promise<void> => {
    if (!options.parts.has(name)) return;
    const place = join(directory, name);
    await mkdir(place, { recursive: true });
    await measure(place);
    await rm(place, { recursive: true });
  };
  try {
    await part("unary", (place) => benchUnary(place, options.windows));
    await part("ingestion", (place) =>
      benchIngestion(place, { views: options.ingested, rounds: options.rounds }),
    );
    await part("memory", (place) => benchMemory(place, options.remembered));
    await part("visibility", (place) => benchVisibility(place));
    await part("queries", (place) => benchQueries(place, options.asked));
    await part("growth", (place) => benchGrowth(place, options.grown));
  } finally {
    killAll();
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  }
}

process.once("SIGINT", () => {
  killAll();
  process.exit(130);
});

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench:analytics: ${(error as Error).message}\n`);
  process.exit(1);
}
if (options === undefined) process.stdout.write(usage);
else await run(options);
