import type { Latency } from "../statistics.ts";

/** What a load saw of a number of calls. */
export interface LoadResult extends Latency {
  /** From the start of the first call to the end of the last. */
  readonly seconds: number;
}

/** Makes calls from a process of its own. It knows its server. */
export interface Load {
  /** Makes so many calls. Fails if any of them does. */
  run(calls: number): Promise<LoadResult>;
  /** Ends its process, if it still has one. */
  stop(): Promise<void>;
}

/** Where a load runs. */
export interface LoadPlace {
  readonly core: number;
  /** A directory for its files, which is emptied by somebody else. */
  readonly directory: string;
}
