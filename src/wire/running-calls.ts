import type { ConnectError } from "@connectrpc/connect";
import type { NodeHandler, NodeResponse } from "./node-types.ts";

/** A call that can be told that the server is stopping. */
export interface RunningCall {
  abort(reason: ConnectError): void;
  /** Over HTTP/1.1, its connection is to be closed when it is over. */
  closeConnection(): void;
  /**
   * To be called every now and then: ends what the client keeps from ending.
   *
   * @param now of performance.now().
   */
  check(now: number): void;
}

/** The requests that a server is answering. */
export interface RunningCalls {
  readonly count: number;
  add(call: RunningCall): void;
  delete(call: RunningCall): void;
  /** Passes plain requests on to a handler, and follows them until they are closed. */
  follow(handler: NodeHandler): NodeHandler;
  /** From now on, every HTTP/1.1 response closes its connection. */
  closeConnections(): void;
  /** Aborts those that are there. */
  abort(reason: ConnectError): void;
  /** Has each of them look at its times: see RunningCall. */
  check(now: number): void;
  /** Resolves when there are none. */
  none(): Promise<void>;
}

/** @see RunningCalls */
export function createRunningCalls(): RunningCalls {
  const calls = new Set<RunningCall>();
  const waiting: (() => void)[] = [];
  let closing = false;

  const running: RunningCalls = {
    get count() {
      return calls.size;
    },
    add(call) {
      calls.add(call);
      if (closing) call.closeConnection();
    },
    delete(call) {
      calls.delete(call);
      if (calls.size > 0 || waiting.length === 0) return;
      for (const resolve of waiting.splice(0)) resolve();
    },
    follow: (handler) => (request, response) => {
      const call: RunningCall = {
        abort: () => {},
        closeConnection: () => closeAfter(response),
        check: () => {},
      };
      running.add(call);
      response.once("close", () => running.delete(call));
      handler(request, response);
    },
    closeConnections() {
      closing = true;
      for (const call of calls) call.closeConnection();
    },
    abort(reason) {
      for (const call of calls) call.abort(reason);
    },
    check(now) {
      for (const call of calls) call.check(now);
    },
    none: () =>
      new Promise((resolve) => {
        if (calls.size === 0) resolve();
        else waiting.push(resolve);
      }),
  };
  return running;
}

/** Has the connection of an HTTP/1.1 response closed when it is complete. */
function closeAfter(response: NodeResponse): void {
  if ("stream" in response) return;
  if (response.headersSent) response.shouldKeepAlive = false;
  else response.setHeader("connection", "close");
}
