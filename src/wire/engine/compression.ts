import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants, gunzip, gzip } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";

/** A way to compress messages. */
export interface Compression {
  /** As in content-encoding. */
  readonly name: string;
  compress(bytes: Uint8Array): Promise<Buffer>;
  /**
   * @throws ConnectError resource_exhausted if the result is longer than
   *   `maxBytes`, of which no more is ever held in memory; invalid_argument if
   *   the bytes are not what they should be.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Buffer>;
}

/** What a call has agreed on: undefined for none. */
export interface Agreement {
  readonly request: Compression | undefined;
  readonly response: Compression | undefined;
}

const noCompression: Agreement = { request: undefined, response: undefined };

/** Below this, compression costs more than it saves: bytes. */
export const compressMinBytes = 1_024;

/** The best levels take a hundred times as long as these and save little more. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const compressions: readonly Compression[] = [
  compression("gzip", promisify(gzip), promisify(gunzip)),
  compression(
    "br",
    (bytes) => promisify(brotliCompress)(bytes, brotliOptions),
    promisify(brotliDecompress),
  ),
];
const names = compressions.map(({ name }) => name).join(",");

/**
 * What a call compresses with, by its headers: the encoding of the request, and
 * the encodings that the client accepts, the first that is known. A client that
 * names none gets what it sent.
 *
 * @throws ConnectError unimplemented if the request's encoding is unknown.
 */
export function negotiate(
  encoding: string | undefined,
  accepted: string | undefined,
  acceptHeader: string,
): Agreement {
  const isPlain = encoding === undefined || encoding === "identity" || encoding === "";
  if (isPlain && (accepted === undefined || accepted === "" || accepted === "identity")) {
    return noCompression;
  }
  const request = isPlain ? undefined : compressions.find(({ name }) => name === encoding);
  if (!isPlain && request === undefined) {
    throw new ConnectError(
      `unknown compression ${JSON.stringify(encoding)}: supported encodings are ${names}`,
      Code.Unimplemented,
      { [acceptHeader]: names },
    );
  }
  if (accepted === undefined || accepted === "") return { request, response: request };
  for (const offered of accepted.split(",")) {
    const response = compressions.find(({ name }) => name === offered.trim());
    if (response !== undefined) return { request, response };
  }
  return { request, response: undefined };
}

function compression(
  name: string,
  compress: (bytes: Uint8Array) => Promise<Buffer>,
  decompress: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>,
): Compression {
  return {
    name,
    compress,
    async decompress(bytes, maxBytes) {
      if (bytes.byteLength === 0) return Buffer.alloc(0);
      try {
        return await decompress(bytes, { maxOutputLength: maxBytes });
      } catch (error) {
        const tooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
        throw tooLong
          ? new ConnectError(
              `message is larger than ${maxBytes} bytes after decompression`,
              Code.ResourceExhausted,
            )
          : new ConnectError(`the message is not compressed with ${name}`, Code.InvalidArgument);
      }
    },
  };
}
