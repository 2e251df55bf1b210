import { internalCaller, type Caller } from "../../src/caller.ts";

/** A caller who never gives up. */
export function caller(project = 0): Caller {
  return internalCaller(project, new AbortController().signal);
}
