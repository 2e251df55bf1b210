import type { Load, LoadPlace } from "../load/load.ts";
import type { Addresses, ServerName } from "../servers/server.ts";

/** One kind of call, made to several servers. */
export interface Scenario {
  /** For the command line. */
  readonly name: string;
  /** For the reader of the table. */
  readonly title: string;
  /** How many calls are made at once, in words. */
  readonly concurrency: string;
  /** The servers that can answer it. */
  readonly servers: readonly ServerName[];
  /** Messages that one call has in its answer. */
  readonly messages: number;
  /** How many unary calls one of these counts for when a server is warmed up. */
  readonly weight: number;
  /** Windows have a multiple of so many calls. */
  readonly step: number;
  /** Makes real calls, and fails if an answer is not right; then returns the load. */
  readonly prepare: (server: Addresses, place: LoadPlace) => Promise<Load>;
}
