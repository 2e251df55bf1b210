import { once } from "node:events";
import { connect, type ClientHttp2Stream } from "node:http2";
import { fromBinary, toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";

const PREFIX_BYTES = 5;

/** A client of a stream over gRPC that takes no byte before it is asked to. */
export class SlowReader<O extends DescMessage> {
  readonly #stream: ClientHttp2Stream;
  readonly #output: O;
  #bytes = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  private constructor(stream: ClientHttp2Stream, output: O) {
    this.#stream = stream;
    this.#output = output;
    for (const event of ["readable", "close"]) stream.on(event, () => this.#wake?.());
  }

  /** Calls a method, and has the headers of its answer. */
  static async open<I extends DescMessage, O extends DescMessage>(
    url: string,
    method: { readonly path: string; readonly input: I; readonly output: O },
    request: MessageShape<I>,
  ): Promise<SlowReader<O>> {
    const session = connect(url);
    session.on("error", () => {});
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ":method": "POST",
      ":path": method.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    const message = toBinary(method.input, request);
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.byteLength, 1);
    stream.end(Buffer.concat([prefix, message]));
    await once(stream, "response");
    return new SlowReader(stream, method.output);
  }

  /** The next message; undefined at the end. */
  async next(): Promise<MessageShape<O> | undefined> {
    const prefix = await this.#take(PREFIX_BYTES);
    if (prefix === undefined) return undefined;
    const message = await this.#take(prefix.readUInt32BE(1));
    return message === undefined ? undefined : fromBinary(this.#output, message);
  }

  async #take(length: number): Promise<Buffer | undefined> {
    while (this.#bytes.byteLength < length) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk !== null) this.#bytes = Buffer.concat([this.#bytes, chunk]);
      else if (this.#stream.readableEnded || this.#stream.destroyed) return undefined;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}
