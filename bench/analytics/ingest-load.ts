import { connect } from "node:http2";
import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import {
  IngestStatus,
  IngestViewsRequestSchema,
  IngestViewsResponseSchema,
} from "../../gen/analytics/v1/ingestion_pb.js";
import { crc32c } from "../../src/crc32c.ts";
import { envelope } from "../wire/envelope.ts";

/** How many batches may be unacknowledged at a time. */
const inFlight = 8;

export interface IngestResult {
  /** From the first byte sent to the last acknowledgement. */
  readonly seconds: number;
  /** The position of the log after it. */
  readonly position: number;
}

/** A request of IngestViews, as it is sent: with its length before it. */
export function encodeBatch(sequence: number, batch: Uint8Array): Buffer {
  return envelope(
    toBinary(
      IngestViewsRequestSchema,
      create(IngestViewsRequestSchema, {
        sequence: BigInt(sequence),
        batch,
        crc32c: crc32c(batch),
      }),
    ),
  );
}

/**
 * Sends batches of `size` views each over one stream of IngestViews, as fast as
 * they are acknowledged, or at most `perSecond` views a second.
 *
 * @throws Error unless every view is logged, and none was there before.
 */
export function ingest(
  url: string,
  batches: Iterator<Buffer>,
  size: number,
  options: {
    readonly perSecond?: number;
    readonly onAcknowledged?: (position: number) => void;
  } = {},
): Promise<IngestResult> {
  const { perSecond = Infinity, onAcknowledged } = options;
  return new Promise((resolve, reject) => {
    const session = connect(url, { settings: { initialWindowSize: 2 ** 24 } });
    const stream = session.request(
      {
        ":method": "POST",
        ":path": "/analytics.v1.AnalyticsService/IngestViews",
        "content-type": "application/grpc",
        te: "trailers",
      },
      { endStream: false },
    );
    const started = performance.now();
    let sent = 0;
    let acknowledged = 0;
    let position = 0;
    let isAtEnd = false;
    let isWaiting = false;
    let input: Buffer = Buffer.alloc(0);

    const fill = (): void => {
      while (!isAtEnd && !isWaiting && sent - acknowledged < inFlight) {
        const dueMs = started + (sent * size * 1_000) / perSecond - performance.now();
        if (dueMs > 1) {
          isWaiting = true;
          setTimeout(() => {
            isWaiting = false;
            fill();
          }, dueMs);
          return;
        }
        const next = batches.next();
        if (next.done === true) {
          isAtEnd = true;
          stream.end();
        } else {
          sent++;
          stream.write(next.value);
        }
      }
    };
    const fail = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.on("error", fail);
    stream.on("error", fail);
    stream.on("data", (chunk: Buffer) => {
      input = input.length === 0 ? chunk : Buffer.concat([input, chunk]);
      let at = 0;
      while (input.length - at >= 5) {
        const end = at + 5 + input.readUInt32BE(at + 1);
        if (end > input.length) break;
        const answer = fromBinary(IngestViewsResponseSchema, input.subarray(at + 5, end));
        at = end;
        if (answer.status !== IngestStatus.OK || Number(answer.logged) !== size) {
          fail(new Error(`a batch was not logged: ${JSON.stringify(answer, stringify)}`));
          return;
        }
        acknowledged++;
        position = Number(answer.position);
        onAcknowledged?.(position);
      }
      input = input.subarray(at);
      fill();
    });
    stream.on("trailers", (trailers) => {
      if (trailers["grpc-status"] !== "0") {
        fail(new Error(`IngestViews failed: ${String(trailers["grpc-message"])}`));
      }
    });
    stream.on("close", () => {
      session.close();
      if (acknowledged < sent || !isAtEnd) fail(new Error("the stream ended early"));
      else resolve({ seconds: (performance.now() - started) / 1_000, position });
    });
    fill();
  });
}

function stringify(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
