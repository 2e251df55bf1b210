import { createContextKey, type ContextKey, type HandlerContext } from "@connectrpc/connect";

/** Who is calling, and for how long: the first argument of every domain function. */
export interface Caller {
  /** The tenant whose data this is. There is one, 0, until there are more. */
  readonly project: number;
  /** What the caller may do. */
  readonly scopes: readonly Scope[];
  /** Aborts when the caller is gone, or its deadline is past. */
  readonly signal: AbortSignal;
  /** Names the call in the log, here and wherever else it goes. */
  readonly requestId: string;
}

type Scope = "read" | "write" | "admin";

/** What authentication finds out about a caller, before the request is read. */
export type Identity = Pick<Caller, "project" | "scopes">;

/** Where authentication puts the identity, for {@link callerOf}. */
export const identityKey: ContextKey<Identity | undefined> = createContextKey<Identity | undefined>(
  undefined,
  { description: "identity of the caller" },
);

/** Where the wire puts the request id. */
export const requestIdKey: ContextKey<string> = createContextKey("", {
  description: "request id",
});

/** The caller of an RPC. Fails on a call that nobody authenticated. */
export function callerOf(context: Pick<HandlerContext, "values" | "signal">): Caller {
  const identity = context.values.get(identityKey);
  if (identity === undefined) {
    throw new Error("the call has no identity: it came past authentication");
  }
  return new ContextCaller(identity, context);
}

/** Asks for the signal only when somebody needs it: to make one has its cost. */
class ContextCaller implements Caller {
  readonly project: number;
  readonly scopes: readonly Scope[];
  readonly requestId: string;
  readonly #context: Pick<HandlerContext, "signal">;

  constructor({ project, scopes }: Identity, context: Pick<HandlerContext, "values" | "signal">) {
    this.project = project;
    this.scopes = scopes;
    this.requestId = context.values.get(requestIdKey);
    this.#context = context;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }
}

/** The server itself, for work that nobody asked for, such as training. */
export function internalCaller(project: number, signal: AbortSignal): Caller {
  return { project, scopes: ["read", "write", "admin"], signal, requestId: "internal" };
}
