import type { ConnectError } from "@connectrpc/connect";
import type { NodeHandler, NodeResponse } from "./node-types.ts";

/** A call that can be told that the server is stopping. */
export interface RunningCall {
  /** Its neighbours among those that run. */
  older: RunningCall | undefined;
  newer: RunningCall | undefined;
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
  /** Has no effect on a call that is not there. */
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
  // A list of their own links rather than a Set, which is built anew every few
  // hundred calls and hands many of them on to the old generation each time.
  let oldest: RunningCall | undefined;
  let newest: RunningCall | undefined;
  let count = 0;
  const forEach = (visit: (call: RunningCall) => void): void => {
    for (let call = oldest; call !== undefined;) {
      // It may be gone from the list after the visit.
      const { newer } = call;
      visit(call);
      call = newer;
    }
  };
  const waiting: (() => void)[] = [];
  let closing = false;

  const running: RunningCalls = {
    get count() {
      return count;
    },
    add(call) {
      count++;
      call.older = newest;
      if (newest === undefined) oldest = call;
      else newest.newer = call;
      newest = call;
      if (closing) call.closeConnection();
    },
    delete(call) {
      const { older, newer } = call;
      if (call !== oldest && older === undefined) return;
      if (older === undefined) oldest = newer;
      else older.newer = newer;
      if (newer === undefined) newest = older;
      else newer.older = older;
      call.older = undefined;
      call.newer = undefined;
      if (--count > 0 || waiting.length === 0) return;
      for (const resolve of waiting.splice(0)) resolve();
    },
    follow: (handler) => (request, response) => {
      const call: RunningCall = {
        older: undefined,
        newer: undefined,
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
      forEach((call) => call.closeConnection());
    },
    abort(reason) {
      forEach((call) => call.abort(reason));
    },
    check(now) {
      forEach((call) => call.check(now));
    },
    none: () =>
      new Promise((resolve) => {
        if (count === 0) resolve();
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
