import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { filesOf, readCredentials, type Credentials, type TlsOptions } from "./pem.ts";

/** Files that are renewed together change within this time: milliseconds. */
const settleMs = 250;

/**
 * How often files are read without an event: milliseconds. Some file systems
 * have no events, and a directory that was replaced has none either.
 */
const pollMs = 60_000;

/** Credentials that are renewed while the server runs. */
export interface Certificates {
  /** Those in use. */
  readonly current: Credentials;
  /** Reads the files now; what is no pair is logged, and the old one stays in use. */
  reload(): void;
  close(): void;
}

/**
 * Reads credentials, and reads them again when something changes in the
 * directories of their files. Directories are what is watched, since those who
 * renew certificates put new files or symbolic links in the place of the old.
 *
 * @param onChange gets credentials that are new.
 * @throws Error in one line that names the setting and the file that is wrong.
 */
export function openCertificates(
  options: TlsOptions,
  logger: FastifyBaseLogger,
  onChange: (credentials: Credentials) => void,
): Certificates {
  let current = readCredentials(options);
  let lastFailure: string | undefined;
  announce(current, logger, "certificate in use");

  const reload = (): void => {
    try {
      const next = readCredentials(options);
      lastFailure = undefined;
      if (areSame(next, current)) return;
      onChange(next);
      current = next;
      announce(next, logger, "certificate renewed");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== lastFailure) {
        logger.warn({ reason }, "the new certificate cannot be used: the old one stays");
      }
      lastFailure = reason;
    }
  };

  const files = filesOf(options);
  if (files.length === 0) return { current, reload, close: () => {} };
  let settling: NodeJS.Timeout | undefined;
  const onEvent = (): void => {
    clearTimeout(settling);
    settling = setTimeout(reload, settleMs).unref();
  };
  const watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((directory) =>
    watchDirectory(directory, onEvent, logger),
  );
  const poll = setInterval(reload, pollMs).unref();
  return {
    get current() {
      return current;
    },
    reload,
    close() {
      clearTimeout(settling);
      clearInterval(poll);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchDirectory(
  directory: string,
  onEvent: () => void,
  logger: FastifyBaseLogger,
): readonly FSWatcher[] {
  const onFailure = (error: unknown): void => {
    logger.warn({ err: error, directory }, "certificates are read once a minute only");
  };
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    return [watcher.on("error", onFailure)];
  } catch (error) {
    onFailure(error);
    return [];
  }
}

function announce({ subject, validTo }: Credentials, logger: FastifyBaseLogger, what: string) {
  const line = { subject, validTo: validTo.toISOString() };
  if (validTo.getTime() > Date.now()) logger.info(line, what);
  else logger.warn(line, `${what}, though it has ended`);
}

function areSame(one: Credentials, other: Credentials): boolean {
  return isSame(one.cert, other.cert) && isSame(one.key, other.key) && isSame(one.ca, other.ca);
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
