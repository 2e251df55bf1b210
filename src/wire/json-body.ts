import { Code, ConnectError } from "@connectrpc/connect";

/**
 * The JSON of a unary request, as it passes on its way in: checked to be UTF-8,
 * because the protocol library would replace what is not, and kept, to find
 * the field at fault if it cannot be decoded.
 */
export class JsonBody implements AsyncIterable<Uint8Array> {
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body;
  }

  /** What has passed so far. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const inner = this.#body[Symbol.asyncIterator]();
    const outer: AsyncIterator<Uint8Array> = {
      next: async () => {
        const result = await inner.next();
        this.#check(result.done === true ? undefined : result.value);
        return result;
      },
    };
    if (inner.return !== undefined) outer.return = inner.return.bind(inner);
    return outer;
  }

  #check(chunk: Uint8Array | undefined): void {
    try {
      this.#decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new ConnectError("the body is not in UTF-8", Code.InvalidArgument);
    }
    if (chunk !== undefined) this.#chunks.push(chunk);
  }
}

/** Whether a body is the JSON of a unary call, as it is. */
export function isPlainJson(headers: {
  readonly "content-type"?: string | undefined;
  readonly "content-encoding"?: string | undefined;
}): boolean {
  const encoding = headers["content-encoding"] ?? "identity";
  return encoding === "identity" && /^application\/json\b/i.test(headers["content-type"] ?? "");
}
