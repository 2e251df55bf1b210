import { Code } from "@connectrpc/connect";
import type {
  LogViewRequest,
  LogViewsRequest,
  LogViewsResponse,
} from "../../../gen/analytics/v1/ingestion_pb.js";
import { explainError, type MarqueeClient } from "../../client/index.ts";
import { streamFailure } from "../../client/ingest-failure.ts";
import { wait } from "../../client/retry.ts";

/** The longest waits between two attempts, in milliseconds: enough for a server to start again. */
const INITIAL_MS = 200;
const MAX_MS = 2_000;

/** How long views may take. */
export interface Patience {
  /** For how many milliseconds it is tried. */
  readonly timeoutMs: number;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/**
 * Logs views, each of which has an id: so it can be tried again, whatever became
 * of them, as long as there is time.
 *
 * @throws the last error of a call.
 */
export async function logViews(
  client: MarqueeClient,
  views: readonly LogViewRequest[],
  { timeoutMs, signal }: Patience,
): Promise<LogViewsResponse> {
  const deadline = performance.now() + timeoutMs;
  const left = (): number => deadline - performance.now();
  let failure: unknown;
  for (let bound = INITIAL_MS; ; bound = Math.min(MAX_MS, 2 * bound)) {
    try {
      const options = { signal, timeoutMs: Math.max(1, Math.ceil(left())) };
      return await client.analytics.logViews(only(views), options);
    } catch (error) {
      // That the time is over says less than why it was not enough.
      const isLate = explainError(error).code === Code.DeadlineExceeded;
      failure = isLate ? (failure ?? error) : error;
      const { mayPass, retryAfterMs } = streamFailure(error);
      const waitMs = retryAfterMs ?? Math.random() * bound;
      if (!mayPass || signal.aborted || waitMs >= left()) throw failure;
      await wait(waitMs, signal);
    }
  }
}

async function* only(
  views: readonly LogViewRequest[],
): AsyncGenerator<Pick<LogViewsRequest, "views">> {
  yield { views: [...views] };
}
