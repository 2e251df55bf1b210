import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import {
  IngestStatus,
  type IngestViewsResponseSchema,
  type LogViewResponse,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { callerOf } from "../caller.ts";
import type { NewView } from "../log/log.ts";
import { newUuid } from "../uuid.ts";
import { Reader } from "../wire/codec/reader.ts";
import type { Shortcut } from "../wire/options.ts";
import type { BatchAnswer } from "./batch-stream.ts";
import type { Ingestion, LoggedView } from "./ingestion.ts";
import { MAX_CHARACTERS } from "./ingestion-rules.ts";
import type { Outcome } from "./view-collector.ts";
import { readView } from "./view-decoder.ts";
import { viewOf, type ViewContext } from "./views.ts";

/** Headers in which a proxy tells what a view does not; "" for none. */
export interface ViewHeaders {
  readonly country: string;
  readonly device: string;
}

/** The handlers of the methods that take views in. */
export function ingestionHandlers(
  ingestion: Ingestion,
  headers: ViewHeaders,
): Pick<ServiceImpl<typeof AnalyticsService>, "logView" | "logViews" | "ingestViews"> {
  return {
    async logView(request, context) {
      const view = viewOf(request, viewContext(ingestion, headers, context));
      return responseOf(await ingestion.logView(callerOf(context), view));
    },

    async logViews(requests, context) {
      return answerOf(await ingestion.logViews(callerOf(context), requests));
    },

    async *ingestViews(requests, context) {
      for await (const answer of ingestion.ingest(callerOf(context), requests)) {
        yield batchAnswerOf(answer);
      }
    },
  };
}

/**
 * Serves logView from the bytes of its request, which is half of the work. What is
 * not plainly right is left to the handler, and to the rules before it.
 */
export function logViewShortcut(ingestion: Ingestion, headers: ViewHeaders): Shortcut["serve"] {
  return (bytes, context) => {
    let view: NewView;
    try {
      const known = viewContext(ingestion, headers, context);
      view = readView(new Reader(bytes), bytes.length, known, newUuid);
    } catch {
      return undefined;
    }
    return ingestion.logView(callerOf(context), view).then(responseOf);
  };
}

/** What is known of a view that comes by itself. */
function viewContext({ bots }: Ingestion, headers: ViewHeaders, call: WithHeaders): ViewContext {
  return {
    now: Date.now(),
    country: countryIn(call, headers.country),
    device: deviceIn(call, headers.device),
    userAgent: bots === undefined ? "" : browserIn(call),
    bots,
  };
}

/** The answer, as a whole message: the wire has nothing to complete. */
function responseOf({ viewId, duplicate, position }: LoggedView): LogViewResponse {
  return {
    $typeName: "analytics.v1.LogViewResponse",
    success: true,
    viewId,
    duplicate,
    position: BigInt(position),
  };
}

function batchAnswerOf({
  sequence,
  outcome,
}: BatchAnswer<Outcome>): MessageInitShape<typeof IngestViewsResponseSchema> {
  if (outcome === undefined) return { sequence, status: IngestStatus.RESEND };
  const status = outcome.rejected.length === 0 ? IngestStatus.OK : IngestStatus.REJECTED;
  return { sequence, status, ...answerOf(outcome) };
}

function answerOf({ logged, duplicates, rejected, position }: Outcome): {
  logged: bigint;
  duplicates: bigint;
  rejected: { index: number; field: string; reason: string }[];
  position: bigint;
} {
  return {
    logged: BigInt(logged),
    duplicates: BigInt(duplicates),
    rejected: [...rejected],
    position: BigInt(position),
  };
}

/** What has the headers of a request, which are made when they are asked for: few calls need them. */
type WithHeaders = Pick<HandlerContext, "requestHeader">;

/** What proxies say of addresses that they cannot place: XX, or T1 for Tor. */
function countryIn(call: WithHeaders, name: string): string {
  if (name === "") return "";
  const country = (call.requestHeader.get(name) ?? "").toUpperCase();
  return /^[A-Z]{2}$/.test(country) && country !== "XX" ? country : "";
}

function deviceIn(call: WithHeaders, name: string): string {
  if (name === "") return "";
  return [...(call.requestHeader.get(name) ?? "")].slice(0, MAX_CHARACTERS.device).join("");
}

/** The User-Agent of the call, if it is a browser's: who calls for others has one of its own. */
function browserIn(call: WithHeaders): string {
  const userAgent = call.requestHeader.get("user-agent") ?? "";
  return userAgent.startsWith("Mozilla/") ? userAgent.slice(0, MAX_CHARACTERS.userAgent) : "";
}
