import { equals, toJsonString, type DescMessage } from "@bufbuild/protobuf";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import { Greeter } from "../../../gen/tutorial/greeter_pb.js";
import { concurrency, createH2load } from "../load/h2load.ts";
import { probe } from "../load/probe.ts";
import { greetingRequest, greetingResponse, logViewRequest, logViewResponse } from "../samples.ts";
import { serverNames, type Addresses, type ServerName } from "../servers/server.ts";
import { expectRight, requestOf, transportOf, type Protocol, type Sample } from "./protocol.ts";
import type { Scenario } from "./scenario.ts";

const greet: Sample<typeof Greeter.method.greet.input, typeof Greeter.method.greet.output> = {
  method: Greeter.method.greet,
  request: greetingRequest,
  response: greetingResponse,
};
const { logView } = AnalyticsService.method;
const view: Sample<typeof logView.input, typeof logView.output> = {
  method: logView,
  request: logViewRequest,
  response: logViewResponse,
};

const withoutGrpcJs = serverNames.filter((name) => name !== "grpc-js");

export const unaryScenarios: readonly Scenario[] = [
  unary("grpc", "gRPC, Greet (5 bytes)", "grpc", greet, serverNames),
  unary("grpc-view", "gRPC, LogView (92 bytes)", "grpc", view, serverNames),
  unary("grpc-web", "gRPC-Web over HTTP/1.1, Greet", "grpc-web", greet, withoutGrpcJs),
  unary("grpc-web-h2", "gRPC-Web over HTTP/2, Greet", "grpc-web-h2", greet, withoutGrpcJs),
  unary("json", "JSON POST over HTTP/1.1, Greet", "json", greet, withoutGrpcJs),
  unary("json-view", "JSON POST over HTTP/1.1, LogView", "json", view, withoutGrpcJs),
  unary("get", "Connect GET over HTTP/1.1, Greet", "get", greet, withoutGrpcJs),
];

function unary<I extends DescMessage, O extends DescMessage>(
  name: string,
  title: string,
  protocol: Protocol,
  sample: Sample<I, O>,
  servers: readonly ServerName[],
): Scenario {
  const request = requestOf(protocol, sample);
  const { connections, streams } = concurrency[request.http];
  return {
    name,
    title,
    concurrency:
      streams === 1
        ? `${connections} connections`
        : `${connections} connections × ${streams} calls`,
    servers,
    messages: 1,
    weight: 1,
    step: 1_000,
    async prepare(server, place) {
      const base = baseOf(server, request.http);
      await callOnce(base, protocol, sample);
      const answer = await probe(base, request);
      expectRight(answer, protocol, sample);
      return createH2load(base, request, answer.body.length, place);
    },
  };
}

function baseOf(server: Addresses, http: "http1" | "http2"): string {
  const base = server[http];
  if (base === undefined) throw new Error("the server does not speak HTTP/1.1");
  return base;
}

/** Makes the call with a client that everybody uses. */
async function callOnce<I extends DescMessage, O extends DescMessage>(
  baseUrl: string,
  protocol: Protocol,
  { method, request, response }: Sample<I, O>,
): Promise<void> {
  const sessionManager = new Http2SessionManager(baseUrl);
  try {
    const transport = transportOf(protocol, baseUrl, sessionManager);
    const answer = await transport.unary(method, undefined, undefined, undefined, request as never);
    if (!equals(method.output, answer.message, response)) {
      throw new Error(`${baseUrl} answered with ${toJsonString(method.output, answer.message)}`);
    }
  } finally {
    sessionManager.abort();
  }
}
