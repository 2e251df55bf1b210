import { internalCaller } from "../caller.ts";
import type { Log } from "../log/log.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A server that starts has other things to do first. */
const FIRST_SWEEP_MS = 60_000;
/** The projects that are swept: there is one so far. */
const PROJECTS = [0];

/** Takes what a sweep did. */
interface RetentionLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface RetentionOptions {
  readonly log: Log;
  /** For how many days views are kept; 0 keeps them for ever. */
  readonly days: number;
  readonly logger: RetentionLogger;
  /** The time from the end of a sweep to the next one. Default: an hour. */
  readonly everyMs?: number;
  /** The time from the start to the first sweep. Default: a minute. */
  readonly firstMs?: number;
}

/** Sweeps that go on until they are closed. */
export interface Retention {
  /** Sweeps no more; waits for the sweep that runs. */
  close(): Promise<void>;
}

/**
 * Removes views once they are older than some days, by when they began. A view
 * that is older when it is logged is taken all the same, and goes with the next
 * sweep. One that fails is tried again when it is time for the next.
 */
export function startRetention(options: RetentionOptions): Retention {
  const { log, days, logger, everyMs = HOUR_MS, firstMs = FIRST_SWEEP_MS } = options;
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const sweep = async (): Promise<void> => {
    const before = Date.now() - days * DAY_MS;
    for (const project of PROJECTS) {
      if (closing.signal.aborted) return;
      const { views } = await log.trimViews(internalCaller(project, closing.signal), before);
      if (views > 0) {
        logger.info({ project, views, before: new Date(before) }, "old views were removed");
      }
    }
  };
  const sweepAfter = (ms: number): void => {
    timer = setTimeout(() => {
      running = sweep()
        .catch((error: unknown) => {
          if (!closing.signal.aborted) {
            logger.error({ err: error }, "old views could not be removed");
          }
        })
        .then(() => {
          if (!closing.signal.aborted) sweepAfter(everyMs);
        });
    }, ms);
    timer.unref();
  };

  if (days > 0) sweepAfter(firstMs);
  return {
    close: () => {
      closing.abort();
      clearTimeout(timer);
      return running;
    },
  };
}
