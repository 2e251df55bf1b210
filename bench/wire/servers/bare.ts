import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { once } from "node:events";
import { toBinary, toJsonString } from "@bufbuild/protobuf";
import { LogViewResponseSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import { GreetingResponseSchema } from "../../../gen/tutorial/greeter_pb.js";
import { ItemSchema } from "../contract.ts";
import { envelope, trailerEnvelope } from "../envelope.ts";
import { greetingResponse, listed, logViewResponse } from "../samples.ts";
import type { StartServer } from "./server.ts";

/**
 * What Node's own HTTP costs and nothing else: every request is read and thrown
 * away, and answered with bytes that were made before. No server on Node can be
 * faster, unless it goes past node:http2 and node:http.
 */

const greeting = toBinary(GreetingResponseSchema, greetingResponse);
const greetingJson = Buffer.from(toJsonString(GreetingResponseSchema, greetingResponse));
const logged = toBinary(LogViewResponseSchema, logViewResponse);
const loggedJson = Buffer.from(toJsonString(LogViewResponseSchema, logViewResponse));
const list = listed.map((item) => envelope(toBinary(ItemSchema, item)));

const answers = new Map([
  ["/Greeter/Greet", answersOf(greeting, greetingJson)],
  ["/analytics.v1.AnalyticsService/LogView", answersOf(logged, loggedJson)],
]);

function answersOf(message: Uint8Array, json: Buffer) {
  const grpc = envelope(message);
  return { grpc, grpcWeb: Buffer.concat([grpc, trailerEnvelope("grpc-status: 0\r\n")]), json };
}

export const startBare: StartServer = async () => {
  const http2 = createHttp2Server();
  http2.on("stream", (stream, headers) => {
    const path = headers[":path"] ?? "";
    if (headers["content-type"]?.startsWith("application/grpc-web") === true) {
      stream.resume();
      stream.respond({ ":status": 200, "content-type": "application/grpc-web+proto" });
      stream.end(answers.get(path)?.grpcWeb);
      return;
    }
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.respond(
      { ":status": 200, "content-type": "application/grpc+proto" },
      { waitForTrailers: true },
    );
    if (path === "/bench.Streams/Chat") {
      echo(stream);
      return;
    }
    stream.resume();
    if (path === "/bench.Streams/List") {
      for (const message of list) stream.write(message);
      stream.end();
    } else {
      stream.end(answers.get(path)?.grpc);
    }
  });

  const http1 = createHttp1Server((request, response) => {
    request.resume();
    const { url = "" } = request;
    const query = url.indexOf("?");
    const answer = answers.get(query < 0 ? url : url.slice(0, query));
    const isGrpcWeb = request.headers["content-type"]?.startsWith("application/grpc-web") === true;
    const body = isGrpcWeb ? answer?.grpcWeb : answer?.json;
    response.writeHead(200, {
      "content-type": isGrpcWeb ? "application/grpc-web+proto" : "application/json",
      "content-length": body?.length ?? 0,
    });
    response.end(body);
  });
  return { http1: await listen(http1), http2: await listen(http2) };
};

function echo(stream: ServerHttp2Stream): void {
  stream.on("data", (chunk: Buffer) => stream.write(chunk));
  stream.on("end", () => stream.end());
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
