import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { AdminService } from "../../../gen/admin/v1/admin_service_pb.js";
import { FeedbackKind } from "../../../gen/recommendations/v1/feedback_pb.js";
import { createMarqueeClient, type MarqueeClient } from "../../../src/client/client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { Examiner } from "./examiner.ts";
import { History } from "./history.ts";
import { Ledger, type SentView } from "./ledger.ts";
import { videos, viewers } from "./pools.ts";
import { Random } from "./random.ts";
import { Replay } from "./replay.ts";
import { differences } from "./same.ts";
import { Sender } from "./sender.ts";
import { settle } from "./settle.ts";
import { Watch } from "./watch.ts";

/** How much one round does. */
export interface RoundSize {
  readonly views: number;
  readonly questions: number;
}

/** What came of a round. */
export interface RoundResult {
  /** What was wrong, with the part of the round in which it was seen. */
  readonly mistakes: readonly string[];
  readonly views: number;
  /** How many questions there were of each kind. */
  readonly asked: Readonly<Record<string, number>>;
}

/**
 * Logs a random history and asks random questions about it: as it is, after
 * erasing viewers and going on, and after a restart with new columns.
 */
export async function runRound(seed: number, size: RoundSize): Promise<RoundResult> {
  const round = new Round(seed, size);
  const { views } = size;
  await round.start();
  await round.log(Math.ceil(views * 0.6));
  await round.examine("at first");
  await round.erase();
  await round.examine("after erasing viewers");
  await round.log(Math.ceil(views * 0.3));
  await round.examine("after going on");
  await round.restart("without columns");
  await round.examine("after a restart with new columns");
  await round.log(Math.ceil(views * 0.1));
  await round.erase();
  await round.examine("after erasing viewers again");
  await round.restart("with columns");
  await round.examine("after a restart");
  await round.stop();
  return round.result;
}

class Round {
  readonly #random: Random;
  readonly #size: RoundSize;
  readonly #ledger = new Ledger();
  readonly #history: History;
  readonly #mistakes: string[] = [];
  readonly #asked: Record<string, number> = {};
  #server: TestServer | undefined;
  #others: MarqueeClient[] = [];
  #replay: Replay | undefined;
  #watches: Watch[] = [];
  #position = 0n;

  constructor(seed: number, size: RoundSize) {
    this.#random = new Random(seed);
    this.#size = size;
    this.#history = new History(this.#random, this.#ledger);
  }

  get result(): RoundResult {
    return {
      mistakes: this.#mistakes,
      views: this.#ledger.views.length,
      asked: this.#asked,
    };
  }

  async start(dataDir?: string): Promise<void> {
    const server = await startServer({
      MARQUEE_BOTS: "apart",
      ...(dataDir !== undefined && { MARQUEE_DATA_DIR: dataDir }),
    });
    this.#server = server;
    const { url } = server;
    this.#others = [
      createMarqueeClient({ url, protocol: "connect" }),
      createMarqueeClient({ url, protocol: "connect", httpVersion: "1.1" }),
      createMarqueeClient({ url, protocol: "grpc-web", httpVersion: "1.1" }),
    ];
    this.#replay = new Replay(createClient(AdminService, server.client.transport));
    this.#watches = [[], videos].map((names) => new Watch(server.client.analytics, names));
  }

  async stop(): Promise<void> {
    await this.#replay?.stop();
    for (const watch of this.#watches) await watch.stop();
    for (const client of this.#others) client.close();
    this.#running.client.close();
    await this.#running.app.close();
  }

  async restart(how: "with columns" | "without columns"): Promise<void> {
    const { dataDir } = this.#running;
    await this.stop();
    if (how === "without columns") {
      await rm(join(dataDir, "columns.duckdb"));
      await rm(join(dataDir, "columns.duckdb.wal"), { force: true });
    }
    await this.start(dataDir);
  }

  /** Logs so many views, in all the ways there are. */
  async log(count: number): Promise<void> {
    const random = this.#random;
    const { client, url } = this.#running;
    const [first, ...others] = this.#others.map(({ analytics }) => analytics);
    const clients = [client.analytics, ...(first ? [first] : []), ...others] as const;
    const sender = new Sender({ url, clients }, this.#ledger, random, this.#position);
    const next = (many: number, named: boolean): SentView[] =>
      Array.from({ length: many }, () => this.#history.next(named && !random.chance(0.01)));
    for (let left = count; left > 0;) {
      if (random.chance(0.1)) await this.#like(sender);
      const way = random.next();
      const many = Math.min(left, random.between(1, way < 0.6 ? 16 : 120));
      left -= many;
      const times = random.chance(0.15) ? 2 : 1;
      if (way < 0.6) {
        const views = [
          ...new Map(next(many, false).map((view) => [view.id ?? view, view])).values(),
        ];
        for (let time = 0; time < times; time++) await sender.each(views);
      } else if (way < 0.8) {
        const views = next(many, false);
        for (let time = 0; time < times; time++) await sender.stream(views, random.between(1, 3));
      } else {
        const batches = Array.from({ length: random.between(1, 4) }, () =>
          next(Math.ceil(many / 4), true),
        );
        for (let time = 0; time < times; time++) await sender.ingest(batches);
      }
    }
    this.#position = sender.position;
    this.#mistakes.push(...sender.mistakes);
  }

  /** Feedback is in the same log: it is nothing to count, but may name a video first. */
  async #like(sender: Sender): Promise<void> {
    const [userId, itemId] = [this.#random.pick(viewers.slice(1)), this.#random.pick(videos)];
    const expected = { recorded: this.#ledger.like(userId, itemId) ? 1 : 0 };
    const { recorded, position } = await this.#running.client.recommendations.recordFeedback({
      feedback: [{ userId, itemId, kind: FeedbackKind.LIKE }],
    });
    this.#mistakes.push(...differences(expected, { recorded }, `RecordFeedback of ${userId}`));
    if (position > sender.position) sender.position = position;
  }

  /** Erases some viewers, and one whom the log may not know. */
  async erase(): Promise<void> {
    const { analytics } = this.#running.client;
    for (const viewerId of [...this.#random.some(viewers.slice(1), 2), "a stranger"]) {
      const expected = this.#ledger.erase(viewerId);
      const erased = await analytics.eraseViewer({ viewerId });
      const found = { views: Number(erased.viewsErased), feedback: Number(erased.feedbackErased) };
      this.#mistakes.push(...differences(expected, found, `EraseViewer of ${viewerId}`));
      this.#position = erased.position;
    }
  }

  /** Asks questions of all kinds. */
  async examine(when: string): Promise<void> {
    const { analytics } = this.#running.client;
    const note = (mistakes: readonly string[]): void => {
      this.#mistakes.push(...mistakes.map((mistake) => `${when}: ${mistake}`));
    };
    note(await settle(analytics, this.#ledger));
    for (const watch of this.#watches) note(await watch.check(this.#ledger));
    const examiner = new Examiner(analytics, this.#ledger, this.#random, this.#position);
    await examiner.examine(Math.ceil(this.#size.questions / 6));
    note(examiner.mistakes);
    for (const [kind, count] of Object.entries(examiner.asked)) {
      this.#asked[kind] = (this.#asked[kind] ?? 0) + count;
    }
    if (this.#replay !== undefined) note(await this.#replay.check(this.#ledger, this.#position));
    const again = new Replay(createClient(AdminService, this.#running.client.transport));
    note(await again.check(this.#ledger, this.#position));
    await again.stop();
  }

  get #running(): TestServer {
    if (this.#server === undefined) throw new Error("the round has not begun");
    return this.#server;
  }
}
