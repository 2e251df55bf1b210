import { hash, randomBytes } from "node:crypto";
import type { Caller } from "../../caller.ts";
import { invalidFields, notFound, type FieldViolation } from "../../errors.ts";
import { CLOCK_SKEW_MS } from "../../rules.ts";
import type { StateDatabase } from "../../storage/state.ts";
import type { Logger } from "../logger.ts";
import { OutcomeQueue } from "./outcome-queue.ts";
import { countsOf, removeBefore, rowsByHour, type Mark } from "./outcome-store.ts";
import { RecommendationIds, type Recommended } from "./recommendation-id.ts";
import { reportOf, type VariantReport } from "./variant-report.ts";

/** As in the contract. */
export const OutcomeKind = { IMPRESSION: 1, CLICK: 2 } as const;

/** What became of an item that was recommended; bounds are those of the contract. */
export interface NewOutcome {
  readonly recommendationId: string;
  readonly kind: number;
  readonly item: string;
  /** Milliseconds since 1970; undefined is now. */
  readonly time: number | undefined;
}

export interface OutcomeReceipt {
  readonly recorded: number;
  readonly unchanged: number;
}

export interface OutcomesOptions {
  readonly state: StateDatabase;
  readonly logger: Logger;
  /** Tells the time, in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
  /** How many rows are kept, by which items count once. Default: 20 million, about a gigabyte. */
  readonly maxRows?: number;
}

const HOUR_MS = 3_600_000;
/** For how many hours an id is good: 7 days. */
const GOOD_HOURS = 7 * 24;
/** However many there are, ids of the last day are good. */
const LEAST_HOURS = 24;
/** For how many hours counts are kept: 400 days, so that a year can be compared with the last. */
const COUNTED_HOURS = 400 * 24;
const MAX_ROWS = 20_000_000;
/** The projects that are swept: there is one so far. */
const PROJECTS = [0];

/**
 * What became of recommendations: makes the ids of answers, records what is said
 * of them, and compares variants.
 */
export class Outcomes {
  readonly #state: StateDatabase;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #maxRows: number;
  readonly #ids: RecommendationIds;
  readonly #queue: OutcomeQueue;
  /** Ids from before this hour are refused, by project: what was said of them may be gone. */
  readonly #horizons = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();

  private constructor(options: OutcomesOptions, key: Uint8Array) {
    this.#state = options.state;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
    this.#maxRows = options.maxRows ?? MAX_ROWS;
    this.#ids = new RecommendationIds(key);
    this.#queue = new OutcomeQueue(options.state);
    this.#timer = setInterval(() => {
      this.#sweeping = this.sweep().catch((error: unknown) => {
        this.#logger.error({ err: error }, "old outcomes could not be removed");
      });
    }, HOUR_MS);
    this.#timer.unref();
  }

  /** Reads the key that ids are sealed with, or makes it. */
  static async open(options: OutcomesOptions): Promise<Outcomes> {
    const outcomes = new Outcomes(options, await keyOf(options.state));
    for (const project of PROJECTS) await outcomes.#findHorizon(project);
    return outcomes;
  }

  /** An id for an answer made now. */
  idFor(
    { project }: Caller,
    answer: { readonly variant: string; readonly trainedTime: number | undefined },
  ): string {
    const { variant, trainedTime = 0 } = answer;
    return this.#ids.make({ project, time: this.#now(), trainedTime, variant });
  }

  /**
   * Records outcomes, all of them or none, each once; they are on disk when this
   * is fulfilled.
   * @throws DomainError "invalid_argument" naming all that is wrong with ids and
   * times, "resource_exhausted" while too much is waiting, and "unavailable" if it
   * could not be written.
   */
  async record({ project }: Caller, outcomes: readonly NewOutcome[]): Promise<OutcomeReceipt> {
    const marks = this.#check(project, outcomes);
    const recorded = await this.#queue.record(project, marks);
    return { recorded, unchanged: outcomes.length - recorded };
  }

  /**
   * What became of the recommendations that were made from one time to before
   * another, whole hours; undefined has no bound.
   * @throws DomainError "not_found" for a baseline of which nothing was recorded.
   */
  async compare(
    { project }: Caller,
    interval: { readonly from: number | undefined; readonly to: number | undefined },
    baseline: string,
  ): Promise<VariantReport> {
    const { from = 0, to = Infinity } = interval;
    const last = Math.min(to, this.#now() + HOUR_MS);
    const counts = await countsOf(
      this.#state,
      project,
      Math.floor(from / HOUR_MS),
      Math.ceil(last / HOUR_MS),
    );
    if (baseline !== "" && counts.every(({ variant }) => variant !== baseline)) {
      throw notFound("baseline_variant", "variant", baseline);
    }
    return reportOf(counts, baseline);
  }

  /** Removes what is too old, or too much. Runs by itself every hour. */
  async sweep(): Promise<void> {
    for (const project of PROJECTS) {
      const horizon = await this.#findHorizon(project);
      // What was taken before that, and may be of an earlier hour, is recorded first.
      await this.#queue.record(project, []);
      const hours = { rows: horizon, counts: this.#hourOf(this.#now()) - COUNTED_HOURS };
      await removeBefore(this.#state, project, hours);
    }
  }

  /** Takes no more, and waits for what is being recorded. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
    await this.#queue.close();
  }

  #hourOf(time: number): number {
    return Math.floor(time / HOUR_MS);
  }

  /**
   * The earliest hour whose ids are good. It depends on the counts alone, which
   * only grow, so that it never goes back, not by a new start either.
   */
  async #findHorizon(project: number): Promise<number> {
    const now = this.#hourOf(this.#now());
    let horizon = now - GOOD_HOURS;
    let total = 0;
    for (const { hour, rows } of await rowsByHour(this.#state, project, horizon)) {
      total += rows;
      if (total <= this.#maxRows || hour > now - LEAST_HOURS) continue;
      horizon = hour + 1;
      break;
    }
    this.#horizons.set(project, horizon);
    return horizon;
  }

  #check(project: number, outcomes: readonly NewOutcome[]): Mark[] {
    const violations: FieldViolation[] = [];
    const marks = new Map<string, { -readonly [K in keyof Mark]: Mark[K] }>();
    // Most outcomes of a request are of few answers.
    const known = new Map<string, Recommended | undefined>();
    for (const [index, { recommendationId, kind, item, time }] of outcomes.entries()) {
      const path = `outcomes[${index}]`;
      if (!known.has(recommendationId))
        known.set(recommendationId, this.#ids.read(recommendationId));
      const answer = known.get(recommendationId);
      const fault = this.#faultOf(project, answer);
      if (answer === undefined || fault !== undefined) {
        violations.push({ field: `${path}.recommendation_id`, description: fault ?? "" });
        continue;
      }
      if (time !== undefined && time < answer.time - CLOCK_SKEW_MS) {
        violations.push({
          field: `${path}.outcome_time`,
          description: "Must not be more than 5 minutes before it was recommended.",
        });
        continue;
      }
      const digest = hash("sha256", item, "base64url").slice(0, DIGEST_LENGTH);
      const key = `${answer.nonce} ${digest} ${answer.time}`;
      const mark = marks.get(key) ?? {
        hour: this.#hourOf(answer.time),
        recommendation: answer.nonce,
        item: digest,
        variant: answer.variant,
        trainedTime: answer.trainedTime,
        isSeen: false,
        isClicked: false,
      };
      if (kind === OutcomeKind.CLICK) mark.isClicked = true;
      else mark.isSeen = true;
      marks.set(key, mark);
    }
    if (violations.length > 0) throw invalidFields(violations);
    return [...marks.values()];
  }

  /** What is wrong with an id; undefined if nothing is. */
  #faultOf(project: number, answer: Recommended | undefined): string | undefined {
    if (answer === undefined || answer.project !== project) {
      return "Must be the recommendation_id of an answer of this server, unchanged.";
    }
    const horizon = this.#horizons.get(project) ?? this.#hourOf(this.#now()) - GOOD_HOURS;
    if (this.#hourOf(answer.time) >= horizon && answer.time >= this.#now() - GOOD_HOURS * HOUR_MS) {
      return undefined;
    }
    return `Too old: it was made at ${new Date(answer.time).toISOString()}, and is good for 7 days, or less where very much is recorded.`;
  }
}

/** Of the digest of an item's id, 66 bits: too many for two items of an answer to meet by chance. */
const DIGEST_LENGTH = 11;

async function keyOf(state: StateDatabase): Promise<Uint8Array> {
  const key = await state.transaction().execute(async (tx) => {
    const row = await tx.selectFrom("recommendation_key").select("key").executeTakeFirst();
    if (row !== undefined) return row.key;
    const made = randomBytes(32).toString("base64url");
    await tx.insertInto("recommendation_key").values({ key: made }).execute();
    return made;
  });
  return Buffer.from(key, "base64url");
}
