import { once } from "node:events";
import { InvalidArgumentError, type Command } from "commander";
import type { FieldNames } from "./call-failure.ts";
import { withServer } from "./session.ts";

interface TailOptions {
  readonly after: number;
  readonly follow: boolean;
}

/** What this command calls the fields of its request. */
const names: FieldNames = { after_position: "--after" };

/** Adds `marquee tail`. */
export function addTail(program: Command): void {
  program
    .command("tail")
    .description("Write the entries of the log, a line of JSON for each, and those that come.")
    .option("--after <position>", "only what comes after this position of the log", position, 0)
    .option("--no-follow", "end with what is there now")
    .addHelpText(
      "after",
      "\nIt goes on until Ctrl-C, also when the server is restarted.\n\nExamples:\n  marquee tail --no-follow > log.jsonl\n  marquee tail --after 1000",
    )
    .action(({ after, follow }: TailOptions, command: Command) =>
      withServer(command, { names }, async ({ client, options }) => {
        const [{ readEndless }, { toJson }, { LogEntrySchema }] = await Promise.all([
          import("./endless.ts"),
          import("@bufbuild/protobuf"),
          import("../../gen/admin/v1/log_entry_pb.js"),
        ]);
        let afterPosition = BigInt(after);
        // Where the log ended when this began.
        let end: bigint | undefined;
        await readEndless(
          options.url,
          (signal) => client.admin.tailLog({ afterPosition }, { signal }),
          async ({ entries, headPosition }) => {
            end ??= headPosition;
            let lines = "";
            for (const entry of entries) {
              if (!follow && entry.position > end) break;
              lines += `${JSON.stringify(toJson(LogEntrySchema, entry))}\n`;
              afterPosition = entry.position;
            }
            if (lines !== "" && !process.stdout.write(lines)) await once(process.stdout, "drain");
            const last = entries.at(-1)?.position;
            // A message without entries says that all have come.
            return !follow && (last === undefined || last >= end);
          },
        );
      }),
    );
}

/** Reads a position of the log, for an option. */
function position(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It must be a whole number from 0.");
  }
  return value;
}
