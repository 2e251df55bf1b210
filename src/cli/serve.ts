import { pino } from "pino";
import { startApp } from "../app.ts";
import { ConfigError, readConfig, unknownVariables, type Config } from "../config.ts";

/**
 * Runs the server until SIGTERM or SIGINT; then calls that run may finish, and
 * the process ends with exit code 0. A second signal ends it at once.
 */
export async function serve(): Promise<void> {
  const config = readConfigOrExit();
  const logger = pino({ level: config.logLevel });
  for (const name of unknownVariables(process.env)) {
    logger.warn({ variable: name }, "there is no such setting");
  }
  const fail = (error: unknown): never => {
    logger.fatal({ err: error }, "the server cannot go on");
    process.exit(1);
  };
  const starting = startApp(config, { logger, onFatal: fail });
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) {
        logger.warn({ signal }, "stopped at once");
        process.exit(1);
      }
      stopping = true;
      logger.info({ signal }, "stopping");
      starting
        .then((app) => app.close())
        .then(({ cut }) => {
          logger.info({ cut }, "stopped");
          process.exit(0);
        })
        .catch(fail);
    });
  }
  try {
    await starting;
  } catch (error) {
    // What hinders a start is nearly always for the operator to mend: one line.
    logger.debug({ err: error }, "start failed");
    process.stderr.write(`marquee: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
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
