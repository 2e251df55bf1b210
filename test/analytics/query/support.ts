import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationMs, timestampFromDate, timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { LogViewRequestSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import {
  type DimensionKind,
  type QueryViewsRequestSchema,
  type QueryViewsResponse,
  type ViewMetrics,
} from "../../../gen/analytics/v1/query_pb.js";
import { startServer, type TestServer } from "../../support/server.ts";

export type Question = MessageInitShape<typeof QueryViewsRequestSchema>;
type LogViewRequest = MessageInitShape<typeof LogViewRequestSchema>;
type Logged = Exclude<LogViewRequest, { $typeName: string }> & { readonly at?: string };

/** A moment, such as "2024-03-01T00:00Z". */
export function at(time: string): Timestamp {
  return timestampFromDate(new Date(time));
}

/** An interval from one moment to another. */
export function interval(from: string, to: string): { startTime: Timestamp; endTime: Timestamp } {
  return { startTime: at(from), endTime: at(to) };
}

/** A dimension of a kind; of a property with its name. */
export function by(kind: DimensionKind, property = ""): { kind: DimensionKind; property: string } {
  return { kind, property };
}

/** A server with views, and what asks it. */
export interface Audience extends TestServer {
  /** The answer to a question, which covers all that was logged. */
  readonly ask: (question: Question) => Promise<QueryViewsResponse>;
  readonly log: (...views: readonly Logged[]) => Promise<void>;
}

/** Starts a server, and logs views. */
export async function startAudience(
  views: readonly Logged[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Audience> {
  const server = await startServer(settings);
  let position = 0n;
  const log = async (...more: readonly Logged[]): Promise<void> => {
    for (const { at: time, ...view } of more) {
      const receipt = await server.client.analytics.logView({
        ...view,
        ...(time !== undefined && { startTime: at(time) }),
      } as LogViewRequest);
      if (receipt.position > position) position = receipt.position;
    }
  };
  await log(...views);
  const ask = (question: Question): Promise<QueryViewsResponse> =>
    server.client.analytics.queryViews({ minPosition: position, ...question });
  return { ...server, ask, log };
}

/** An answer in short: of each row its time, its values and its figures, in a line. */
export function lines(answer: QueryViewsResponse): string[] {
  return answer.rows.map(({ startTime, values, metrics, previous }) =>
    [
      ...(startTime === undefined
        ? []
        : [new Date(timestampMs(startTime)).toISOString().replace(":00.000Z", "Z")]),
      ...values.map((value) => (value === "" ? "-" : value)),
      figures(metrics),
      ...(previous === undefined ? [] : [`before ${figures(previous)}`]),
    ].join(" "),
  );
}

function figures(metrics: ViewMetrics | undefined): string {
  if (metrics === undefined) return "nothing";
  const { $typeName: _type, $unknown: _unknown, ...set } = metrics;
  return Object.values(set)
    .map((value) =>
      value === undefined
        ? "absent"
        : typeof value === "object"
          ? `${durationMs(value)}ms`
          : `${value}`,
    )
    .join(" ");
}
