import { create, fromJson, toBinary, toJsonString, type JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import type { AnalyticsService } from "../../../gen/analytics/v1/analytics_service_pb.js";
import {
  IngestStatus,
  LogViewRequestSchema,
  LogViewResponseSchema,
  ViewBatchSchema,
  type LogViewResponse,
} from "../../../gen/analytics/v1/ingestion_pb.js";
import { crc32c } from "./crc32c.ts";
import type { Ledger, SentView } from "./ledger.ts";
import { viewMessage } from "./messages.ts";
import { userAgents } from "./pools.ts";
import type { Random } from "./random.ts";
import { differences } from "./same.ts";

type Analytics = Client<typeof AnalyticsService>;

/** Clients of one server in several protocols, the first over gRPC. */
export interface Ways {
  readonly url: string;
  readonly clients: readonly [Analytics, ...Analytics[]];
}

/** What came of one LogView: an answer, or the code of an error. */
type Answer = LogViewResponse | Code;

/**
 * Sends views in all the ways that there are, writes them down in a ledger, and
 * notes where an answer is not what the ledger says.
 */
export class Sender {
  readonly #ways: Ways;
  readonly #ledger: Ledger;
  readonly #random: Random;
  #sequence = 0;
  /** The last position that an answer told. */
  position: bigint;
  /** What was wrong, one text for each answer. */
  readonly mistakes: string[] = [];

  constructor(ways: Ways, ledger: Ledger, random: Random, position: bigint) {
    this.#ways = ways;
    this.#ledger = ledger;
    this.#random = random;
    this.position = position;
  }

  /** One LogView for each view, all at a time; no two may have the same id. */
  async each(views: readonly SentView[]): Promise<void> {
    const began = Date.now();
    const answers = await Promise.all(
      views.map(async (view) => ({ view, answer: await this.#logView(view) })),
    );
    // The log's order is that of the positions; refusals have none.
    const at = ({ answer }: { answer: Answer }): number =>
      typeof answer === "number" ? -1 : Number(answer.position);
    for (const { view, answer } of answers.toSorted((a, b) => at(a) - at(b))) {
      this.#write(view, answer, [began, Date.now()]);
    }
  }

  #write(view: SentView, answer: Answer, arrived: [number, number]): void {
    const expected = this.#ledger.outcomeOf(view);
    const context = `LogView of ${JSON.stringify(view)}`;
    if (typeof answer === "number" || expected === "wrong" || expected === "conflict") {
      const code = expected === "wrong" ? Code.InvalidArgument : Code.AlreadyExists;
      this.#compare(
        context,
        expected === "wrong" || expected === "conflict" ? code : "no error",
        answer,
      );
      return;
    }
    const position = Number(answer.position);
    const grows = expected === "duplicate" || answer.position > this.position;
    this.#ledger.log(view, arrived, position, answer.viewId);
    // Where a batch wrote it last, its position is not known.
    const known = this.#ledger.known(answer.viewId)?.position;
    this.#compare(
      context,
      {
        success: true,
        viewId: view.id ?? (answer.viewId || "an id"),
        duplicate: expected === "duplicate",
        position: known ?? position,
        grows: true,
      },
      {
        success: answer.success,
        viewId: answer.viewId,
        duplicate: answer.duplicate,
        position,
        grows,
      },
    );
    this.#saw(answer.position);
  }

  /** One LogViews call with so many messages. */
  async stream(views: readonly SentView[], messages: number): Promise<void> {
    const size = Math.ceil(views.length / messages);
    const began = Date.now();
    const client = this.#random.pick(this.#ways.clients.slice(0, 2));
    const answer = await client.logViews(
      (async function* () {
        for (let at = 0; at < views.length; at += size) {
          yield { views: views.slice(at, at + size).map(viewMessage) };
        }
      })(),
    );
    const expected = this.#expectedOf(views, [began, Date.now()], false);
    this.#compare(`LogViews of ${brief(views)}`, expected, plainResult(answer));
    this.#saw(answer.position);
  }

  /** One IngestViews stream with these batches; now and then one comes damaged first. */
  async ingest(batches: readonly (readonly SentView[])[]): Promise<void> {
    const sent = batches.flatMap((views) => {
      const message = create(ViewBatchSchema, { views: views.map(viewMessage) });
      const batch = toBinary(ViewBatchSchema, message);
      const whole = { views, batch, sum: crc32c(batch), damaged: false };
      const damaged = { ...whole, sum: (whole.sum ^ 1) >>> 0, damaged: true };
      return this.#random.chance(0.1) ? [damaged, whole] : [whole];
    });
    const first = this.#sequence + 1;
    this.#sequence += sent.length;
    const began = Date.now();
    const answers = this.#ways.clients[0].ingestViews(
      (async function* () {
        for (const [index, { batch, sum }] of sent.entries()) {
          yield { sequence: BigInt(first + index), batch, crc32c: sum };
        }
      })(),
    );
    let count = 0;
    for await (const answer of answers) {
      const batch = sent[count];
      if (batch === undefined) throw new Error("IngestViews has more answers than batches");
      const nothing = { logged: 0, duplicates: 0, rejected: [] };
      const expected = batch.damaged
        ? nothing
        : this.#expectedOf(batch.views, [began, Date.now()], true);
      const fair = expected.rejected.length > 0 ? IngestStatus.REJECTED : IngestStatus.OK;
      this.#compare(
        `IngestViews of ${brief(batch.views)}`,
        {
          ...expected,
          sequence: first + count,
          status: batch.damaged ? IngestStatus.RESEND : fair,
        },
        { ...plainResult(answer), sequence: Number(answer.sequence), status: answer.status },
      );
      this.#saw(answer.position);
      count++;
    }
    this.#compare("IngestViews", { answers: sent.length }, { answers: count });
  }

  /** Writes views down one after the other, and says what a call with all of them must answer. */
  #expectedOf(
    views: readonly SentView[],
    arrived: [number, number],
    named: boolean,
  ): ReturnType<typeof plainResult> {
    let logged = 0;
    let duplicates = 0;
    const rejected: { index: number; field: string }[] = [];
    for (const [index, view] of views.entries()) {
      const wrong = view.wrong ?? (named && view.id === undefined ? "view_id" : undefined);
      const outcome = this.#ledger.log({ ...view, wrong }, arrived);
      if (outcome === "logged") logged++;
      else if (outcome === "duplicate") duplicates++;
      else rejected.push({ index, field: wrong ?? "view_id" });
    }
    return { logged, duplicates, rejected };
  }

  #compare(context: string, expected: unknown, found: unknown): void {
    const wrong = differences(expected, found);
    if (wrong.length > 0) this.mistakes.push([context, ...wrong.slice(0, 8)].join("\n  "));
  }

  #saw(position: bigint): void {
    if (position > this.position) this.position = position;
  }

  async #logView(view: SentView): Promise<Answer> {
    try {
      const client = this.#random.pick([...this.#ways.clients, undefined]);
      if (client !== undefined) return await client.logView(viewMessage(view));
      return await this.#logViewInJson(view);
    } catch (error) {
      if (error instanceof ConnectError) {
        if (error.code === Code.InvalidArgument && !error.message.includes(view.wrong ?? "")) {
          this.mistakes.push(`LogView of ${JSON.stringify(view)}: ${error.message}`);
        }
        return error.code;
      }
      throw error;
    }
  }

  async #logViewInJson(view: SentView): Promise<Answer> {
    // A browser's own User-Agent counts if the view has none; a program's does not.
    const header =
      view.userAgent === "" || (view.bot && this.#random.chance(0.5))
        ? this.#random.pick(
            view.bot ? userAgents.bots : [...userAgents.people, ...userAgents.callers],
          )
        : this.#random.pick([...userAgents.people, ...userAgents.bots]);
    const told =
      view.bot && this.#random.chance(0.5) && userAgents.bots.includes(header)
        ? ""
        : view.userAgent;
    const message = create(LogViewRequestSchema, { ...viewMessage(view), userAgent: told });
    const response = await fetch(`${this.#ways.url}/analytics.v1.AnalyticsService/LogView`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": header },
      body: toJsonString(LogViewRequestSchema, message),
    });
    const body = (await response.json()) as JsonValue;
    if (response.ok) return fromJson(LogViewResponseSchema, body);
    const code = (body as { code?: string }).code;
    if (code === "already_exists") return Code.AlreadyExists;
    if (code === "invalid_argument") return Code.InvalidArgument;
    throw new Error(`LogView of ${JSON.stringify(view)} in JSON: ${JSON.stringify(body)}`);
  }
}

function brief(views: readonly SentView[]): string {
  const text = JSON.stringify(views);
  return text.length > 2_000 ? `${views.length} views` : text;
}

function plainResult(answer: {
  readonly logged: bigint | number;
  readonly duplicates: bigint | number;
  readonly rejected: readonly { readonly index: number; readonly field: string }[];
}): { logged: number; duplicates: number; rejected: { index: number; field: string }[] } {
  return {
    logged: Number(answer.logged),
    duplicates: Number(answer.duplicates),
    rejected: answer.rejected.map(({ index, field }) => ({ index, field })),
  };
}
