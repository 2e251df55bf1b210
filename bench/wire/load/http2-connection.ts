import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * Just enough of an HTTP/2 client to load a server on another core without
 * being the slower one: it reads frames from the socket's chunks without
 * objects or events for any of them, does not decode headers, and writes what
 * a chunk gave rise to at once. It offers the server the largest windows, which
 * no run exhausts.
 */

const frame = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  window: 8,
} as const;
const flag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8 } as const;
const frameHead = 9;
const maxWindow = 2 ** 31 - 1;
/** What HTTP/2 grants until somebody says more. */
const defaultWindow = 65_535;

/** Who is told what happens on the streams. */
export interface StreamListener {
  /** @param bytes how many of the stream's data have come. */
  onData(stream: number, bytes: number): void;
  /** The server has ended its side. */
  onEnd(stream: number): void;
  /** The connection is of no use any longer. */
  onFailure(error: Error): void;
}

/** A connection whose streams are numbered 1, 3, 5, … in the order in which they open. */
export interface Http2Connection {
  /** Opens a stream with a gRPC request for `path`, and its first message. Returns its number. */
  open(path: string, message: Uint8Array, end: boolean): number;
  /** Sends a message, which may be empty, on a stream. */
  send(stream: number, message: Uint8Array, end: boolean): void;
  close(): void;
}

/** Connects to a base URL. */
export async function openConnection(
  base: string,
  listener: StreamListener,
): Promise<Http2Connection> {
  const { hostname, port, host } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  return new Connection(socket, host, listener);
}

class Connection implements Http2Connection {
  readonly #socket: Socket;
  readonly #listener: StreamListener;
  readonly #authority: string;
  /** The requests' headers once they are in the server's table, by path. */
  readonly #packed = new Map<string, Buffer>();
  #output: Buffer[] = [];
  #isReading = false;
  #rest: Buffer = Buffer.alloc(0);
  #next = 1;
  /** Bytes that the server still takes, on all streams together. */
  #window = defaultWindow;

  constructor(socket: Socket, authority: string, listener: StreamListener) {
    this.#socket = socket;
    this.#authority = authority;
    this.#listener = listener;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => listener.onFailure(error));
    socket.on("close", () => listener.onFailure(new Error("the server closed the connection")));
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const initialWindow = Buffer.from([0, 4, 0, 0, 0, 0]);
    initialWindow.writeUInt32BE(maxWindow, 2);
    this.#write(frame.settings, 0, 0, initialWindow);
    const increment = Buffer.alloc(4);
    increment.writeUInt32BE(maxWindow - defaultWindow);
    this.#write(frame.window, 0, 0, increment);
    this.#flush();
  }

  open(path: string, message: Uint8Array, end: boolean): number {
    const stream = this.#next;
    this.#next += 2;
    this.#write(frame.headers, flag.endHeaders, stream, this.#headers(path));
    this.send(stream, message, end);
    return stream;
  }

  send(stream: number, message: Uint8Array, end: boolean): void {
    this.#window -= message.length;
    if (this.#window < 0) throw new Error("the server's window is exhausted");
    this.#write(frame.data, end ? flag.endStream : 0, stream, message);
    if (!this.#isReading) this.#flush();
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  /** HPACK: literals the first time, and one byte for each header from then on. */
  #headers(path: string): Buffer {
    const packed = this.#packed.get(path);
    if (packed !== undefined) return packed;
    if (this.#packed.size > 0) throw new Error("a connection has one path only");
    const table = 62;
    const headers = [
      [":path", path],
      [":authority", this.#authority],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ] as const;
    const methodAndScheme = [0x83, 0x86];
    const later = headers.map((_, index) => 0x80 | (table + headers.length - 1 - index));
    this.#packed.set(path, Buffer.from([...methodAndScheme, ...later]));
    return Buffer.concat([
      Buffer.from(methodAndScheme),
      ...headers.flatMap(([name, value]) => [Buffer.from([0x40]), literal(name), literal(value)]),
    ]);
  }

  #read(chunk: Buffer): void {
    this.#isReading = true;
    const input = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    try {
      while (input.length - at >= frameHead) {
        const length = input.readUIntBE(at, 3);
        const end = at + frameHead + length;
        if (end > input.length) break;
        this.#take(input, at, length);
        at = end;
      }
    } catch (error) {
      this.#listener.onFailure(error as Error);
    }
    this.#rest = input.subarray(at);
    this.#isReading = false;
    this.#flush();
  }

  #take(input: Buffer, at: number, length: number): void {
    const type = input[at + 3];
    const flags = input[at + 4] ?? 0;
    const stream = input.readUInt32BE(at + 5);
    if (type === frame.data || type === frame.headers) {
      if ((flags & flag.padded) !== 0) throw new Error("the server pads its frames");
      if (type === frame.data && length > 0) this.#listener.onData(stream, length);
      if ((flags & flag.endStream) !== 0) this.#listener.onEnd(stream);
    } else if (type === frame.window) {
      if (stream === 0) this.#window += input.readUInt32BE(at + frameHead);
    } else if (type === frame.settings) {
      if ((flags & flag.ack) === 0) this.#write(frame.settings, flag.ack, 0, new Uint8Array(0));
    } else if (type === frame.ping) {
      const payload = input.subarray(at + frameHead, at + frameHead + length);
      if ((flags & flag.ack) === 0) this.#write(frame.ping, flag.ack, 0, payload);
    } else if (type === frame.reset || type === frame.goAway) {
      const code = input.readUInt32BE(at + frameHead + (type === frame.reset ? 0 : 4));
      throw new Error(`the server gave up stream ${stream} with code ${code}`);
    }
  }

  #write(type: number, flags: number, stream: number, payload: Uint8Array): void {
    const head = Buffer.allocUnsafe(frameHead + payload.length);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    head.set(payload, frameHead);
    this.#output.push(head);
  }

  #flush(): void {
    if (this.#output.length === 0) return;
    this.#socket.write(
      this.#output.length === 1 ? (this.#output[0] ?? "") : Buffer.concat(this.#output),
    );
    this.#output = [];
  }
}

function literal(text: string): Buffer {
  if (text.length > 126) throw new Error("too long for a length of one byte");
  return Buffer.from([text.length, ...Buffer.from(text)]);
}
