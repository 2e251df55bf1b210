import { Code, ConnectError } from "@connectrpc/connect";
import type { NodeRequest } from "./node-types.ts";
import { ownTurn } from "./turn.ts";

/** From how many bytes on a body is handed out in turns of the event loop of its own. */
const largeBytes = 16_384;

/** The body of a request, as a router reads it. */
export interface RequestBody extends AsyncIterable<Uint8Array> {
  /** Bytes read so far. */
  readonly bytes: number;
  /** Fails the read that waits, and all that come. The request itself goes on. */
  fail(reason: unknown): void;
}

/**
 * Reads a request's body without ever destroying the request, which would take
 * the connection away from under the response, and without taking a body that
 * was cut off for one that ended.
 */
export function readBody(request: NodeRequest): RequestBody {
  let bytes = 0;
  let ended = false;
  let failure: { readonly reason: unknown } | undefined;
  let waiting: ((settle: boolean) => void) | undefined;

  const advance = (): void => waiting?.(true);
  const onEnd = (): void => {
    ended = true;
    advance();
  };
  const onGone = (): void => {
    if (!ended) fail(clientGone());
  };
  function fail(reason: unknown): void {
    failure ??= { reason };
    request.off("readable", advance);
    advance();
  }
  request.on("readable", advance);
  request.on("end", onEnd);
  request.on("error", onGone);
  // HTTP/2 in Node.js ends the body of a stream that was reset as if it were
  // whole, but not before it is closed.
  request.on("close", onGone);

  function read(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        if (failure !== undefined) return reject(failure.reason);
        const chunk = request.read() as Buffer | null;
        if (chunk !== null) {
          bytes += chunk.byteLength;
          return resolve({ done: false, value: chunk });
        }
        if (ended) return resolve({ done: true, value: undefined });
        waiting = () => {
          waiting = undefined;
          step();
        };
      };
      step();
    });
  }

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const result = await read();
    // What is read now may be the last that a message is waiting for.
    if (bytes > largeBytes) await ownTurn();
    return result;
  }

  return {
    get bytes() {
      return bytes;
    },
    fail,
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        fail(new ConnectError("the body is not read any more", Code.Canceled));
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

function clientGone(): ConnectError {
  return new ConnectError("the client is gone", Code.Canceled);
}
