import type { ServiceImpl } from "@connectrpc/connect";
import type { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import type { Erasure } from "./erasure.ts";
import type { Exporter } from "./export.ts";
import { exportHandlers } from "./export-service.ts";
import type { Ingestion } from "./ingestion.ts";
import { ingestionHandlers, type ViewHeaders } from "./ingestion-service.ts";
import type { Live } from "./live.ts";
import { liveHandlers } from "./live-service.ts";
import { questionHandlers } from "./question-service.ts";
import type { Questions } from "./questions.ts";

/** What the service is made of. */
export interface AnalyticsParts {
  readonly ingestion: Ingestion;
  readonly questions: Questions;
  readonly live: Live;
  readonly exporter: Exporter;
  readonly erasure: Erasure;
}

/** The handlers of analytics.v1.AnalyticsService. */
export function analyticsService(
  { ingestion, questions, live, exporter, erasure }: AnalyticsParts,
  headers: ViewHeaders,
): ServiceImpl<typeof AnalyticsService> {
  return {
    ...ingestionHandlers(ingestion, headers),
    ...questionHandlers(questions),
    ...liveHandlers(live),
    ...exportHandlers(exporter, erasure),
  };
}
