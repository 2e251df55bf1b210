import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { IngestStatus, ViewBatchSchema } from "../../../gen/analytics/v1/ingestion_pb.js";
import type { IngestViewsRequest } from "../../../gen/analytics/v1/ingestion_pb.js";
import { createMarqueeClient } from "../../../src/client/index.ts";
import type { MarqueeClient, Protocol } from "../../../src/client/index.ts";
import { requestOf, type Books, type Sending } from "./books.ts";
import { crc32c } from "./crc32c.ts";
import type { Dice } from "./dice.ts";

/** The ways in. */
export type Way = "LogView" | "LogViews" | "IngestViews";
export const ways: readonly Way[] = ["LogView", "LogViews", "IngestViews"];

export interface LoadOptions {
  readonly url: string;
  readonly books: Books;
  readonly dice: Dice;
  /** Default: all of them. */
  readonly ways?: readonly Way[];
  /** Whether a writer whose call failed makes another one. Default: false, its server is gone. */
  readonly goOn?: boolean;
  /** How long a writer waits after each call, or message of a stream. Default: 0, not at all. */
  readonly pauseMs?: number;
}

/** A load that is on. */
export interface Load {
  /** How calls failed so far. */
  readonly failures: readonly Failure[];
  /** How many views were acknowledged so far, those included that had been before. */
  readonly acknowledged: Readonly<Record<Way, number>>;
  /** What was answered that cannot be true. */
  readonly lies: readonly string[];
  /** Ends it: what is on its way may still be answered. Fulfilled when nothing is left. */
  end(): Promise<void>;
}

interface Failure {
  readonly way: Way;
  readonly error: ConnectError;
}

/** Connections, each with some callers at once, for each way in. */
const unaryClients: readonly { protocol: Protocol; httpVersion: "1.1" | "2"; callers: number }[] = [
  { protocol: "grpc", httpVersion: "2", callers: 8 },
  { protocol: "grpc", httpVersion: "2", callers: 1 },
  { protocol: "connect", httpVersion: "1.1", callers: 4 },
];
const STREAMS = 2;
/** How many batches are sent ahead of the answers. */
const WINDOW = 4;
const MAX_BATCH = 40;

/**
 * Sends views over several connections at once, in all ways that there are, and
 * keeps the books about what is acknowledged.
 */
export function startLoad(options: LoadOptions): Load {
  const { url, ways: chosen = ways, goOn = false } = options;
  const state: State = {
    ...options,
    ended: false,
    failures: [],
    lies: [],
    acknowledged: { LogView: 0, LogViews: 0, IngestViews: 0 },
  };
  const clients: MarqueeClient[] = [];
  const client = (protocol: Protocol = "grpc", httpVersion: "1.1" | "2" = "2"): MarqueeClient => {
    const made = createMarqueeClient({
      url,
      protocol,
      httpVersion,
      retry: false,
      timeoutMs: 20_000,
    });
    clients.push(made);
    return made;
  };
  const writers: Promise<void>[] = [];
  const write = (way: Way, call: () => Promise<void>): void => {
    writers.push(
      (async () => {
        while (!state.ended) {
          try {
            await call();
          } catch (error) {
            state.failures.push({ way, error: ConnectError.from(error) });
            if (!goOn) return;
            await sleep(10);
          }
        }
      })(),
    );
  };
  if (chosen.includes("LogView")) {
    for (const { protocol, httpVersion, callers } of unaryClients) {
      const one = client(protocol, httpVersion);
      for (let caller = 0; caller < callers; caller++) write("LogView", () => logView(one, state));
    }
  }
  for (let stream = 0; stream < STREAMS; stream++) {
    if (chosen.includes("LogViews")) {
      const one = client();
      write("LogViews", () => logViews(one, state));
    }
    if (chosen.includes("IngestViews")) {
      const one = client();
      write("IngestViews", () => ingestViews(one, state));
    }
  }
  return {
    failures: state.failures,
    lies: state.lies,
    acknowledged: state.acknowledged,
    end: async () => {
      state.ended = true;
      await Promise.all(writers);
      for (const one of clients) one.close();
    },
  };
}

interface State extends LoadOptions {
  ended: boolean;
  readonly failures: Failure[];
  readonly lies: string[];
  readonly acknowledged: Record<Way, number>;
}

function settle({ books, acknowledged }: State, way: Way, sendings: readonly Sending[]): void {
  books.settle(sendings);
  acknowledged[way] += sendings.length;
}

async function pause({ pauseMs = 0 }: State): Promise<void> {
  if (pauseMs > 0) await sleep(pauseMs);
}

/** One call with one view. */
async function logView(client: MarqueeClient, state: State): Promise<void> {
  const { books, lies } = state;
  const sendings = books.take(1);
  const [sending] = sendings;
  if (sending === undefined) return;
  const { view } = sending;
  const known = view.acknowledged >= 0;
  try {
    const answer = await client.analytics.logView(requestOf(sending));
    if (answer.viewId !== view.viewId) lies.push(`${answer.viewId} for ${view.viewId}`);
    if (known && !answer.duplicate) lies.push(`${view.viewId} was acknowledged, and is new`);
    if (!answer.duplicate) view.position = answer.position;
    settle(state, "LogView", sendings);
  } catch (error) {
    books.unsettle(sendings);
    throw error;
  }
  await pause(state);
}

/** One call with some messages, which may be there for a while. */
async function logViews(client: MarqueeClient, state: State): Promise<void> {
  const { books, dice, lies } = state;
  const sent: Sending[] = [];
  async function* messages(): AsyncGenerator<{ views: ReturnType<typeof requestOf>[] }> {
    for (let left = dice.below(6); left >= 0 && !state.ended; left--) {
      const sendings = books.take(1 + dice.below(MAX_BATCH));
      sent.push(...sendings);
      yield { views: sendings.map(requestOf) };
      await sleep(dice.below(10));
      await pause(state);
    }
  }
  try {
    const answer = await client.analytics.logViews(messages());
    if (Number(answer.logged + answer.duplicates) !== sent.length || answer.rejected.length > 0) {
      lies.push(`LogViews: ${answer.logged} and ${answer.duplicates} of ${sent.length}`);
    }
    settle(state, "LogViews", sent);
  } catch (error) {
    books.unsettle(sent);
    throw error;
  }
}

/** One stream for as long as there is load, with some batches ahead of the answers. */
async function ingestViews(client: MarqueeClient, state: State): Promise<void> {
  const { books, dice, lies } = state;
  interface Batch {
    readonly sendings: Sending[];
    readonly damaged: boolean;
  }
  const waiting = new Map<bigint, Batch>();
  let room = (): void => {};
  async function* requests(): AsyncGenerator<
    Pick<IngestViewsRequest, "sequence" | "batch" | "crc32c">
  > {
    for (let sequence = 1n; !state.ended; sequence++) {
      const sendings = books.take(1 + dice.below(MAX_BATCH));
      const batch = toBinary(
        ViewBatchSchema,
        create(ViewBatchSchema, { views: sendings.map(requestOf) }),
      );
      const damaged = dice.chance(0.02);
      waiting.set(sequence, { sendings, damaged });
      yield { sequence, batch, crc32c: (crc32c(batch) ^ (damaged ? 1 : 0)) >>> 0 };
      await pause(state);
      while (waiting.size >= WINDOW && !state.ended) {
        await new Promise<void>((resolve) => (room = resolve));
      }
    }
  }
  try {
    for await (const answer of client.analytics.ingestViews(requests())) {
      const [first] = waiting;
      if (first === undefined || first[0] !== answer.sequence) {
        lies.push(`IngestViews: ${answer.sequence} instead of ${first?.[0]}`);
        return;
      }
      const [sequence, { sendings, damaged }] = first;
      waiting.delete(sequence);
      room();
      const expected = damaged ? IngestStatus.RESEND : IngestStatus.OK;
      if (answer.status !== expected) lies.push(`IngestViews: status ${answer.status}`);
      if (answer.status !== IngestStatus.OK) {
        books.unsettle(sendings);
        continue;
      }
      if (Number(answer.logged + answer.duplicates) !== sendings.length) {
        lies.push(`IngestViews: ${answer.logged}, ${answer.duplicates} of ${sendings.length}`);
      }
      settle(state, "IngestViews", sendings);
    }
    if (waiting.size > 0) lies.push(`IngestViews ended without ${waiting.size} answers`);
  } finally {
    room();
    for (const { sendings } of waiting.values()) books.unsettle(sendings);
  }
}
