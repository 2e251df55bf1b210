import type { FastifyBaseLogger } from "fastify";

/** Within this time one reason gets one line: milliseconds. */
const quietMs = 1_000;

/** Tells in the log which connections were cut. */
export interface CutLog {
  /**
   * One line for a connection, unless the same reason had one a moment ago:
   * those are counted, so that nobody can fill the log by being cut.
   */
  cut(peer: string, reason: string, level?: "info" | "warn"): void;
  /** Writes what is only counted so far. */
  close(): void;
}

interface Repeated {
  count: number;
  peer: string;
  readonly level: "info" | "warn";
  readonly timer: NodeJS.Timeout;
}

/** @see CutLog */
export function createCutLog(logger: FastifyBaseLogger): CutLog {
  const recent = new Map<string, Repeated>();
  const settle = (reason: string): void => {
    const repeated = recent.get(reason);
    recent.delete(reason);
    if (repeated === undefined || repeated.count === 0) return;
    const { peer, count, level } = repeated;
    logger[level]({ peer, reason, count }, "connections cut");
  };
  return {
    cut(peer, reason, level = "info") {
      const repeated = recent.get(reason);
      if (repeated !== undefined) {
        repeated.count++;
        repeated.peer = peer;
        return;
      }
      const timer = setTimeout(settle, quietMs, reason).unref();
      recent.set(reason, { count: 0, peer, level, timer });
      logger[level]({ peer, reason }, "connection cut");
    },
    close() {
      for (const [reason, { timer }] of [...recent]) {
        clearTimeout(timer);
        settle(reason);
      }
    },
  };
}
