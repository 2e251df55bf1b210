import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished, vi } from "vitest";

/** A frame of HTTP/2. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  goAway: 7,
  windowUpdate: 8,
} as const;
export const flag = { endStream: 1, endHeaders: 4 } as const;

/** An HTTP/2 connection whose client sends what it likes. */
export interface RawHttp2 {
  readonly socket: Socket;
  /** All frames that came. */
  readonly frames: readonly Frame[];
  send(type: number, flags: number, stream: number, payload?: Buffer): void;
  /** Opens a stream with a POST of this path and content type. */
  post(stream: number, path: string, contentType: string, flags?: number): void;
  /** The first frame of that type and stream, as soon as it is there. */
  received(type: number, stream: number, flags?: number): Promise<Frame>;
}

/** Connects, and sends the preface and empty settings. */
export async function connectRaw(
  port: number,
  onFrame: (frame: Frame) => void = () => {},
): Promise<RawHttp2> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const frames: Frame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const frame = {
        type: rest[3] ?? 0,
        flags: rest[4] ?? 0,
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      };
      rest = rest.subarray(end);
      frames.push(frame);
      if (frame.type === frameType.data && frame.payload.length > 0) {
        // The window of the connection is given back, those of the streams are not.
        const increment = Buffer.alloc(4);
        increment.writeUInt32BE(frame.payload.length);
        send(frameType.windowUpdate, 0, 0, increment);
      }
      onFrame(frame);
    }
  });
  const send: RawHttp2["send"] = (type, flags, stream, payload = Buffer.alloc(0)) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    socket.write(Buffer.concat([head, payload]));
  };
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  send(frameType.settings, 0, 0);
  return {
    socket,
    frames,
    send,
    post(stream, path, contentType, flags = 0) {
      const headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "raw",
        "content-type": contentType,
      };
      send(frameType.headers, flag.endHeaders | flags, stream, packHeaders(headers));
    },
    received: (type, stream, flags = 0) =>
      vi.waitFor(
        () => {
          const found = frames.find(
            (f) => f.type === type && f.stream === stream && (f.flags & flags) === flags,
          );
          if (found === undefined) throw new Error(`no frame of type ${type} on stream ${stream}`);
          return found;
        },
        { timeout: 20_000 },
      ),
  };
}

/** HPACK in its plainest form: literals, not indexed, not compressed. */
function packHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer => Buffer.from([value.length, ...Buffer.from(value)]);
  return Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  );
}
