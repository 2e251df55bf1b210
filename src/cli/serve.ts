import { pino } from "pino";
import { startApp, type App } from "../app.ts";
import { ConfigError, readConfig, unknownVariables, type Config } from "../config.ts";
import { callLines } from "./call-lines.ts";
import { loadDemo } from "./demo.ts";
import { logOutput } from "./log-output.ts";
import type { ServeOptions } from "./serve-command.ts";

/** How long a server that cannot go on may take to close: milliseconds. */
const LAST_WORDS_MS = 5_000;
/** Two signals within this time are one: milliseconds. */
const SAME_SIGNAL_MS = 100;

/**
 * Runs the server until SIGTERM or SIGINT; then calls that run may finish, and
 * the process ends with exit code 0. A second signal kills it at once.
 *
 * @param options `demo`: whether an empty catalog is filled with sample data.
 */
export async function serve({ demo = false }: ServeOptions = {}): Promise<void> {
  const config = readConfigOrExit();
  const output = logOutput(1);
  const logger = pino({ level: config.logLevel }, output);
  for (const name of unknownVariables(process.env)) {
    logger.warn({ variable: name }, "there is no such setting");
  }
  let app: Promise<App> | undefined;
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, "the server cannot go on");
    say(error);
    // What runs in other threads has to end before the process does.
    setTimeout(exitAtOnce, LAST_WORDS_MS);
    void closeAndExit();
  };
  const closeAndExit = async (): Promise<void> => {
    try {
      await (await app)?.close();
    } finally {
      process.exit(1);
    }
  };
  const starting = startApp(config, {
    logger,
    logCall: logger.isLevelEnabled("info") ? callLines(output) : () => {},
    onFatal: fail,
  });
  app = starting;
  let stoppingSince: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        // A process group and its leader may both be told of the same stop.
        if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return;
        logger.warn({ signal }, "stopped at once");
        output.flushSync();
        exitAtOnce();
      }
      stoppingSince = performance.now();
      logger.info({ signal }, "stopping");
      starting
        .then((one) => one.close())
        .then(({ cut }) => {
          logger.info({ cut }, "stopped");
          process.exit(0);
        })
        .catch(fail);
    });
  }
  if (config.tlsCert !== "") {
    process.on("SIGHUP", () => {
      // One that does not start says so elsewhere.
      starting.then((one) => one.reloadCertificates()).catch(() => {});
    });
  }
  try {
    await starting;
  } catch (error) {
    // What hinders a start is nearly always for the operator to mend: one line.
    logger.debug({ err: error }, "start failed");
    say(error);
    process.exit(1);
  }
  if (demo) await loadDemo(await starting, logger);
}

function say(error: unknown): void {
  process.stderr.write(`marquee: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** process.exit would wait for native threads, and abort those that are busy. */
function exitAtOnce(): void {
  process.kill(process.pid, "SIGKILL");
}

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.message.split("\n")) process.stderr.write(`marquee: ${line}\n`);
    return process.exit(1);
  }
}
