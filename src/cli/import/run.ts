import type { Command } from "commander";
import type { MarqueeClient } from "../../client/index.ts";
import { Failure } from "../failure.ts";
import { count, roughly } from "../format.ts";
import type { ImportOptions } from "../import.ts";
import type { GlobalOptions } from "../options.ts";
import { print, say } from "../output.ts";
import { Progress } from "../progress.ts";
import { withServer } from "../session.ts";
import { CsvFile } from "./file.ts";
import { Interrupt } from "./interrupt.ts";
import type { ImportKind } from "./kind.ts";
import { Rejects } from "./rejects.ts";
import { Sender } from "./sender.ts";
import { Tally } from "./tally.ts";

/** Enough for a server to start again, within the deadline of a call. */
const PATIENT = { attempts: 1_000, initialMs: 200, maxMs: 2_000 };

/**
 * Imports a file, and prints the totals.
 *
 * @throws Failure with exit code 1 if the import failed, 2 if rows were
 *   rejected, 130 if it was interrupted.
 */
export async function runImport<T>(
  command: Command,
  path: string,
  kind: ImportKind<T>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions & ImportOptions>();
  const file = await CsvFile.open(path, options.delimiter);
  try {
    const read = kind.reader(file.name, file.header);
    // A server that is not there shows at once; one that goes away later is waited for.
    await withServer(command, {}, async ({ client }) => {
      await kind.probe(client);
    });
    const rejects = await Rejects.open(options.rejects, file.header);
    const importing = new Import(file, kind, read, rejects);
    try {
      await withServer(command, { retry: PATIENT }, ({ client }) => importing.run(client));
    } finally {
      importing.report(options.json === true);
      await rejects.close();
    }
    importing.conclude();
  } finally {
    await file.close();
  }
}

class Import<T> {
  readonly #file: CsvFile;
  readonly #kind: ImportKind<T>;
  readonly #read: ReturnType<ImportKind<T>["reader"]>;
  readonly #rejects: Rejects;
  readonly #tally: Tally;
  #interruptedBy: NodeJS.Signals | undefined;

  constructor(
    file: CsvFile,
    kind: ImportKind<T>,
    read: ReturnType<ImportKind<T>["reader"]>,
    rejects: Rejects,
  ) {
    this.#file = file;
    this.#kind = kind;
    this.#read = read;
    this.#rejects = rejects;
    this.#tally = new Tally(kind.outcomes);
  }

  async run(client: MarqueeClient): Promise<void> {
    const interrupt = new Interrupt();
    const progress = new Progress(this.#file.name, () => this.#state());
    const sender = new Sender<T>({
      ...this.#kind,
      send: (messages, refuse) => this.#kind.send(client, messages, interrupt.late, refuse),
      onAccepted: (outcomes) => this.#tally.add(outcomes),
      onRejected: ({ row }, reason) => this.#rejects.add(row, reason),
    });
    try {
      await this.#sendAll(sender, interrupt);
      await sender.finish();
    } catch (error) {
      // What was read before the file or a call failed shall not be lost.
      await sender.finish().catch(() => {});
      if (interrupt.signal === undefined) throw error;
    } finally {
      this.#interruptedBy = interrupt.signal;
      interrupt.end();
      progress.stop();
    }
  }

  async #sendAll(sender: Sender<T>, interrupt: Interrupt): Promise<void> {
    const { header } = this.#file;
    for await (const rows of this.#file.rows()) {
      for (const row of rows) {
        if (interrupt.signal !== undefined) return;
        this.#tally.read++;
        const parsed =
          row.values.length === header.length
            ? this.#read(row)
            : `has ${row.values.length} values, and the header has ${header.length} columns`;
        if (typeof parsed === "string") {
          this.#rejects.add(row, parsed);
          continue;
        }
        const wait = sender.add(parsed);
        if (wait !== undefined) await wait;
      }
    }
  }

  #state(): { share: number; text: string } {
    const { share } = this.#file;
    const rows = this.#tally.accepted + this.#rejects.count;
    const left = share > 0 ? (this.#tally.seconds * (1 - share)) / share : 0;
    const rejected = this.#rejects.count > 0 ? ` (${count(this.#rejects.count)} rejected)` : "";
    return {
      share,
      text: `${count(rows)} rows${rejected}, ${count(Math.round(this.#tally.rate(rows)))} rows/s, ${roughly(left)} left`,
    };
  }

  /** Lists what was rejected, and prints the totals. */
  report(json: boolean): void {
    for (const line of this.#rejects.list(this.#file.name)) say(line);
    if (json) print(JSON.stringify(this.#tally.json(this.#rejects.count)));
    else print(this.#tally.text(this.#rejects.count));
  }

  /** @throws Failure if not every row went in. */
  conclude(): void {
    if (this.#interruptedBy !== undefined) {
      const code = this.#interruptedBy === "SIGINT" ? 130 : 143;
      throw new Failure("interrupted: run it again to import the rest", code);
    }
    const rejected = this.#rejects.count;
    if (rejected > 0) {
      throw new Failure(
        `${count(rejected)} ${rejected === 1 ? "row was" : "rows were"} rejected`,
        2,
      );
    }
  }
}
