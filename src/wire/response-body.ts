/** The body of a response, as it passes on its way out. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  /** Bytes passed so far. */
  readonly bytes: number;
  /** The last chunk so far: of a stream, a whole envelope. */
  readonly last: Uint8Array | undefined;
}

/** Counts the body of a response. `onEnd` is called when the last chunk has passed. */
export function countBody(body: AsyncIterable<Uint8Array>, onEnd: () => void): ResponseBody {
  let bytes = 0;
  let last: Uint8Array | undefined;
  return {
    get bytes() {
      return bytes;
    },
    get last() {
      return last;
    },
    [Symbol.asyncIterator]() {
      const inner = body[Symbol.asyncIterator]();
      const outer: AsyncIterator<Uint8Array> = {
        async next() {
          const result = await inner.next();
          if (result.done !== true) {
            bytes += result.value.byteLength;
            last = result.value;
          } else {
            onEnd();
          }
          return result;
        },
      };
      if (inner.return !== undefined) outer.return = inner.return.bind(inner);
      if (inner.throw !== undefined) outer.throw = inner.throw.bind(inner);
      return outer;
    },
  };
}
