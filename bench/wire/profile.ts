/**
 * Where a server spends its time: `node bench/wire/profile.ts FILE.cpuprofile
 * [--calls N] [--top N]`. All times are self time, of the time that the server
 * was busy; with --calls they are those of one call.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { selfTimes, sums, type CpuProfile } from "./cpu-profile.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { calls: { type: "string" }, top: { type: "string", default: "50" } },
});
const [file] = positionals;
if (file === undefined) {
  process.stderr.write("usage: node bench/wire/profile.ts FILE.cpuprofile [--calls N] [--top N]\n");
  process.exit(1);
}
const calls = values.calls === undefined ? undefined : Number(values.calls);
const top = Number(values.top);
const busy = selfTimes(JSON.parse(await readFile(file, "utf8")) as CpuProfile);

const unit = calls === undefined ? "ms" : "µs/call";
const idle = busy.idleMicros / (busy.micros + busy.idleMicros);
print(`busy ${time(busy.micros)} ${unit}; idle ${(idle * 100).toFixed(0)} % of the time`);

table(
  "groups",
  sums(busy.functions, ({ group }) => group),
);
table(
  "own files",
  sums(busy.functions, ({ file: path, group }) =>
    group.startsWith("src") || group === "gen" ? path : undefined,
  ),
);
table(
  "functions",
  busy.functions.map(({ name, file: path, line, micros }) => [
    path === "" ? name : `${name}  ${path}:${line}`,
    micros,
  ]),
);

function table(title: string, rows: readonly (readonly [label: string, micros: number])[]): void {
  print(`\n${title}, ${unit}`);
  for (const [label, micros] of rows.slice(0, top)) {
    if (micros === 0) continue;
    const share = ((micros / busy.micros) * 100).toFixed(1);
    print(`${time(micros).padStart(9)} ${share.padStart(5)} %  ${label}`);
  }
}

function time(micros: number): string {
  return calls === undefined ? (micros / 1_000).toFixed(1) : (micros / calls).toFixed(2);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
