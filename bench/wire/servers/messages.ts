import type { Addresses } from "./server.ts";

/** What the runner asks of the process of a server. */
export type ServerQuestion =
  | { readonly kind: "usage" }
  | { readonly kind: "start profile" }
  | { readonly kind: "write profile"; readonly file: string };

/** The first message of the process. */
export type ServerReady = Addresses;

/** The answer to "usage"; the other questions are answered with `true`. */
export interface ServerUsage {
  /** CPU time of all threads since the start of the process, in microseconds. */
  readonly cpuMicros: number;
  /** For how long its main thread could have run, had the core been free: microseconds. */
  readonly waitedMicros: number;
  /** Calls that an interceptor of the application saw; null where there is none. */
  readonly intercepted: number | null;
}
