/** A view as a client sends it; what is undefined is left out. */
export interface SentView {
  readonly video: string;
  readonly id: string | undefined;
  readonly viewer: string;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  readonly watchMs: number;
  /** What is sent of time and watch below the millisecond, in nanoseconds: to be cut off. */
  readonly nanos: number;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
  readonly progress: number | undefined;
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly userAgent: string;
  /** Whether the user agent is that of a bot. */
  readonly bot: boolean;
  /** The field for which the server must refuse it; undefined if it may not. */
  readonly wrong: string | undefined;
}

/** A view as it is known after all that was said of it. */
export interface KnownView {
  /** Undefined if the server made the id, and has not told it. */
  id: string | undefined;
  readonly video: string;
  readonly viewer: string;
  /** NaN until the server tells which time it gave. */
  time: number;
  watchMs: number;
  /** In thousandths; undefined if nobody told. */
  progress: number | undefined;
  readonly country: string;
  readonly device: string;
  readonly referrer: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly bot: boolean;
  /** Between which moments the server got it, if it had no time. */
  readonly arrived: readonly [from: number, to: number];
  /** When the server got what last made more of it known; -Infinity if nothing did. */
  extended: number;
  /** The position of the log when it was last written, where an answer told exactly that. */
  position: number | undefined;
}

export type Outcome = "logged" | "duplicate" | "conflict" | "wrong";

/** What has been logged, in plain maps. */
export class Ledger {
  /** In the order of the log. */
  views: KnownView[] = [];
  /** The videos in the order in which their names came to the log. */
  readonly #ranks = new Map<string, number>();
  /** The videos that each viewer likes. */
  readonly #likes = new Map<string, Set<string>>();
  #byId = new Map<string, KnownView>();

  /** What must become of a view that is sent now. */
  outcomeOf(sent: SentView): Outcome {
    if (sent.wrong !== undefined) return "wrong";
    const known = sent.id === undefined ? undefined : this.#byId.get(sent.id);
    if (known === undefined) return "logged";
    return known.video === sent.video && known.viewer === sent.viewer ? "duplicate" : "conflict";
  }

  /** Writes down a view that is sent now, and says what became of it. */
  log(
    sent: SentView,
    arrived: readonly [number, number],
    position?: number,
    idGiven?: string,
  ): Outcome {
    const outcome = this.outcomeOf(sent);
    if (outcome === "logged") {
      const id = sent.id ?? idGiven;
      const view: KnownView = {
        id,
        video: sent.video,
        viewer: sent.viewer,
        time: sent.time ?? Number.NaN,
        watchMs: sent.watchMs,
        progress: sent.progress === undefined ? undefined : thousandths(sent.progress),
        country: sent.country.toUpperCase(),
        device: sent.device,
        referrer: sent.referrer,
        properties: new Map(sent.properties),
        bot: sent.bot,
        arrived,
        extended: Number.NEGATIVE_INFINITY,
        position,
      };
      this.views.push(view);
      if (id !== undefined) this.#byId.set(id, view);
      this.#name(sent.video);
    }
    if (outcome === "duplicate") this.#extend(sent, arrived[1], position);
    return outcome;
  }

  /** What is known of the view with this id. */
  known(id: string): KnownView | undefined {
    return this.#byId.get(id);
  }

  /** Writes down that a viewer likes a video; tells whether that is new. */
  like(viewer: string, video: string): boolean {
    this.#name(video);
    const liked = this.#likes.get(viewer) ?? new Set();
    this.#likes.set(viewer, liked);
    const isNew = !liked.has(video);
    liked.add(video);
    return isNew;
  }

  /** Forgets a viewer; how many views and likes went with it. */
  erase(viewer: string): { views: number; feedback: number } {
    const before = this.views.length;
    const feedback = this.#likes.get(viewer)?.size ?? 0;
    this.#likes.delete(viewer);
    this.views = this.views.filter((view) => view.viewer !== viewer);
    this.#byId = new Map(
      this.views.flatMap((view) => (view.id === undefined ? [] : [[view.id, view]])),
    );
    return { views: before - this.views.length, feedback };
  }

  /** Which of all videos came to the log how early. */
  rank(video: string): number {
    return this.#ranks.get(video) ?? Number.POSITIVE_INFINITY;
  }

  #name(video: string): void {
    if (!this.#ranks.has(video)) this.#ranks.set(video, this.#ranks.size);
  }

  #extend(sent: SentView, arrived: number, position: number | undefined): void {
    const view = this.#byId.get(sent.id ?? "");
    if (view === undefined) return;
    const progress = sent.progress === undefined ? -1 : thousandths(sent.progress);
    const changes = sent.watchMs > view.watchMs || progress > (view.progress ?? -1);
    if (!changes) return;
    view.watchMs = Math.max(view.watchMs, sent.watchMs);
    if (progress > (view.progress ?? -1)) view.progress = progress;
    view.extended = arrived;
    view.position = position;
  }
}

/** The largest number of thousandths that is not beyond a share. */
function thousandths(share: number): number {
  let count = Math.round(share * 1_000);
  while (count / 1_000 > share) count--;
  return count;
}
