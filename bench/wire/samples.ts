import { create } from "@bufbuild/protobuf";
import {
  LogViewRequestSchema,
  LogViewResponseSchema,
  type LogViewRequest,
  type LogViewResponse,
} from "../../gen/analytics/v1/ingestion_pb.js";
import {
  GreetingRequestSchema,
  GreetingResponseSchema,
  type GreetingRequest,
  type GreetingResponse,
} from "../../gen/tutorial/greeter_pb.js";
import { ItemSchema, type Item } from "./contract.ts";

/** The messages that every server gets, and those that each has to answer with. */

export const greetingRequest: GreetingRequest = create(GreetingRequestSchema, { name: "Ada" });

export const greetingResponse: GreetingResponse = create(GreetingResponseSchema, {
  greeting: "Hello Ada",
});

/** A view with every field set: 92 bytes. */
export const logViewRequest: LogViewRequest = create(LogViewRequestSchema, {
  videoName: "video-4815162",
  viewId: "01890a5d-ac96",
  viewerId: "viewer-2342",
  startTime: { seconds: 1_767_225_600n, nanos: 250_000_000 },
  watchDuration: { seconds: 93n },
  country: "NL",
  device: "phone",
  referrer: "https://a.example/b",
});

/** What a log answers: `position` is fixed, so that all answers have the same size. */
export const logViewResponse: LogViewResponse = create(LogViewResponseSchema, {
  success: true,
  viewId: logViewRequest.viewId,
  position: 123_456n,
});

/** All messages of one List. */
export const listed: readonly Item[] = Array.from({ length: 1_000 }, (_, index) => item(index + 1));

export const listRequest: Item = item(listed.length);

/** The item that a List sends as its n-th, and a Chat both ways. */
export function item(number: number): Item {
  return create(ItemSchema, { text: "an item of some length", number });
}
