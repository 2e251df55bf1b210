import { connect } from "node:http2";
import { once } from "node:events";

export type FrameProtocol =
  | "Connect JSON"
  | "Connect proto"
  | "gRPC"
  | "gRPC over TLS"
  | "gRPC-Web";

interface BadFrame {
  readonly what: string;
  readonly body: Buffer;
  /** The code as Connect writes it. */
  readonly code: string;
  readonly message: RegExp;
}

/** A message in an envelope, as gRPC has it; `length` may lie. */
function envelope(message: Buffer, length = message.byteLength, flags = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const videoName = (text: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x0a, text.byteLength]), text]);

const json = (what: string, body: string | Buffer, message: RegExp): BadFrame => ({
  what,
  body: Buffer.from(body),
  code: "invalid_argument",
  message,
});

/** Requests for LogView that are not what their protocol wants. */
export function badFrames(protocol: FrameProtocol): BadFrame[] {
  if (protocol === "Connect JSON") {
    return [
      json("malformed JSON", '{"videoName": }', /\(line 1 column 15\)$/),
      json("JSON cut off", '{"videoName": "a"', /JSON/),
      json("no JSON at all", "", /JSON/),
      json("a list", "[]", /JSON/),
      json("a wrong type", '{"videoName": 7}', /^video_name: /),
      json("an unknown field", '{"videoname": "a"}', /^videoname: /),
      json("a wrong time", '{"videoName": "a", "startTime": "noon"}', /^start_time: /),
      json("bad UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/),
      json("a lone surrogate", '{"videoName": "\\ud800"}', /^video_name: /),
      json("a field twice", '{"videoName": "a", "video_name": "b"}', /video_?name/i),
      {
        ...json("oversize", `{"videoName": "${"x".repeat(70_000)}"}`, /65536/),
        code: "resource_exhausted",
      },
    ];
  }
  const malformed: readonly [string, Buffer, RegExp][] = [
    ["bad UTF-8", videoName(Buffer.from([0xff, 0xfe])), /utf-8/i],
    ["malformed protobuf", Buffer.from([0xff, 0xff]), /is not a valid \S+: /],
    ["a field cut off", Buffer.from([0x0a, 0x7f, 0x61]), /is not a valid \S+: /],
  ];
  const wrap = protocol === "Connect proto" ? (message: Buffer): Buffer => message : envelope;
  const frames: BadFrame[] = malformed.map(([what, message, text]) => ({
    what,
    body: wrap(message),
    code: "invalid_argument",
    message: text,
  }));
  const oversize = Buffer.alloc(70_000);
  frames.push({
    what: "oversize",
    body: wrap(oversize),
    code: "resource_exhausted",
    message: /65536/,
  });
  if (protocol === "Connect proto") return frames;
  return [
    ...frames,
    {
      what: "an envelope cut off",
      body: envelope(Buffer.from([0x0a]), 10),
      code: "invalid_argument",
      message: /./,
    },
    {
      what: "an envelope that promises 3 GB",
      body: envelope(Buffer.from([0x0a]), 3_000_000_000),
      code: "resource_exhausted",
      message: /65536/,
    },
    {
      what: "no message",
      body: Buffer.alloc(0),
      code: "unimplemented",
      message: /missing/,
    },
  ];
}

const contentTypes: Readonly<Record<FrameProtocol, string>> = {
  "Connect JSON": "application/json",
  "Connect proto": "application/proto",
  gRPC: "application/grpc",
  "gRPC over TLS": "application/grpc",
  "gRPC-Web": "application/grpc-web+proto",
};

/** Sends a body as it is, and reads code and message of the error that comes back. */
export async function sendFrame(
  url: string,
  path: string,
  protocol: FrameProtocol,
  body: Buffer,
): Promise<{ code: string; message: string }> {
  const session = connect(url);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": contentTypes[protocol],
      te: "trailers",
    });
    // The server may answer, and reset, before it has read all.
    stream.on("error", () => {});
    const headers: Record<string, unknown> = {};
    stream.on("response", (fields) => Object.assign(headers, fields));
    stream.on("trailers", (fields) => Object.assign(headers, fields));
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.end(body);
    await once(stream, "close");
    return readError(protocol, headers, Buffer.concat(chunks));
  } finally {
    session.destroy();
  }
}

function readError(
  protocol: FrameProtocol,
  headers: Readonly<Record<string, unknown>>,
  body: Buffer,
): { code: string; message: string } {
  if (protocol.startsWith("Connect")) {
    const { code, message } = JSON.parse(body.toString()) as { code: string; message: string };
    return { code, message };
  }
  const text = body.toString("latin1");
  const find = (name: string): string =>
    String(headers[name] ?? new RegExp(`${name}: ?(.*?)\r\n`, "i").exec(text)?.[1]);
  const names: Readonly<Record<string, string>> = {
    3: "invalid_argument",
    8: "resource_exhausted",
    12: "unimplemented",
    13: "internal",
  };
  const status = find("grpc-status");
  return { code: names[status] ?? status, message: decodeURIComponent(find("grpc-message")) };
}
