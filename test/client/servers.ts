import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import { onTestFinished } from "vitest";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";

/** What a server does with one attempt. */
export type Reaction = (stream: ServerHttp2Stream) => void;

/** A server that is not ours, and what it got. */
export interface FlakyServer {
  readonly url: string;
  /** The headers of each attempt. */
  readonly attempts: IncomingHttpHeaders[];
}

/** A real HTTP/2 server that does something else with each attempt; the last from then on. */
export async function startFlaky(...reactions: Reaction[]): Promise<FlakyServer> {
  const attempts: IncomingHttpHeaders[] = [];
  const server = createServer();
  server.on("session", (session) => session.on("error", () => {}));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    const reaction = reactions[Math.min(attempts.length, reactions.length - 1)];
    attempts.push(headers);
    reaction?.(stream);
  });
  server.listen(0);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, attempts };
}

/** Answers with an empty message: good for every method. */
export const answers: Reaction = (stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.alloc(5));
};

/** Fails with a status of gRPC, such as 14 for UNAVAILABLE; with RetryInfo if `afterMs` is given. */
export function fails(status: number, afterMs?: number): Reaction {
  return (stream) => {
    stream.respond(
      {
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": String(status),
        "grpc-message": "not now",
        ...(afterMs === undefined ? {} : { "grpc-status-details-bin": retryInfo(status, afterMs) }),
      },
      { endStream: true },
    );
  };
}

/** Breaks the connection under the call. */
export const breaks: Reaction = (stream) => stream.session?.destroy();

/** Refuses the stream, as a server that is stopping does. */
export const refuses: Reaction = (stream) => stream.close(7);

/** A google.rpc.Status with a RetryInfo, as gRPC puts it into a header. */
function retryInfo(status: number, afterMs: number): string {
  const retryDelay = create(DurationSchema, { nanos: afterMs * 1_000_000 });
  const any = toBinary(
    AnySchema,
    create(AnySchema, {
      typeUrl: "type.googleapis.com/google.rpc.RetryInfo",
      value: toBinary(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })),
    }),
  );
  // Field 1 is the code, field 3 the details.
  return Buffer.concat([Buffer.from([8, status, 26, any.length]), any]).toString("base64");
}
