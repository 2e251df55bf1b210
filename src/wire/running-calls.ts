import type { NodeHandler, NodeResponse } from "./node-types.ts";

/** The requests that a server is answering. */
export interface RunningCalls {
  readonly count: number;
  /** Passes requests on to a handler, and follows them until they are closed. */
  follow(handler: NodeHandler): NodeHandler;
  /** From now on, every HTTP/1.1 response closes its connection. */
  closeConnections(): void;
  /** Resolves when there are none. */
  none(): Promise<void>;
}

/** @see RunningCalls */
export function createRunningCalls(): RunningCalls {
  const responses = new Set<NodeResponse>();
  const waiting: (() => void)[] = [];
  let closing = false;

  return {
    get count() {
      return responses.size;
    },
    follow: (handler) => (request, response) => {
      responses.add(response);
      response.once("close", () => {
        responses.delete(response);
        if (responses.size > 0) return;
        for (const resolve of waiting.splice(0)) resolve();
      });
      if (closing) closeAfter(response);
      handler(request, response);
    },
    closeConnections() {
      closing = true;
      for (const response of responses) closeAfter(response);
    },
    none: () =>
      new Promise((resolve) => {
        if (responses.size === 0) resolve();
        else waiting.push(resolve);
      }),
  };
}

function closeAfter(response: NodeResponse): void {
  if ("stream" in response) return;
  if (response.headersSent) response.shouldKeepAlive = false;
  else response.setHeader("connection", "close");
}
