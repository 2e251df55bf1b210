import type { Ledger, SentView } from "./ledger.ts";
import {
  countries,
  devices,
  distances,
  moments,
  properties,
  referrers,
  userAgents,
  videos,
  viewers,
} from "./pools.ts";
import type { Random } from "./random.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** The earliest time that the contract allows. */
export const YEAR_2000 = Date.UTC(2000, 0, 1);

/** Makes random views, many of which say more of ones that were sent before. */
export class History {
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #sent: SentView[] = [];
  #ids = 0;

  constructor(random: Random, ledger: Ledger) {
    this.#random = random;
    this.#ledger = ledger;
  }

  /** The next view; `named` has an id in any case. */
  next(named: boolean): SentView {
    const random = this.#random;
    const earlier =
      this.#sent.length > 0 && random.chance(0.35) ? random.pick(this.#sent) : undefined;
    const view = earlier === undefined ? this.#fresh(named) : this.#repeat(earlier);
    if (view.id !== undefined && view.wrong === undefined) this.#sent.push(view);
    return view;
  }

  #fresh(named: boolean): SentView {
    const random = this.#random;
    const anonymous = !named && random.chance(0.3);
    const time = random.chance(anonymous ? 0 : 0.03) ? undefined : anyTime(random);
    const bot = random.chance(0.12);
    const userAgent = bot ? random.pick(userAgents.bots) : random.pick(["", ...userAgents.people]);
    const view: SentView = {
      video: random.chance(0.06) ? `video ${random.between(1, 200)}` : random.pickSkewed(videos),
      id: anonymous ? undefined : `${random.pick(["view", "VIEW", "v'%"])}-${++this.#ids}`,
      viewer: random.chance(0.2) ? `${random.between(1, 3_000)}` : random.pickSkewed(viewers),
      time,
      watchMs: anyWatch(random),
      nanos: random.pick([0, 1, 500_000, 999_999]),
      country: random.pick(countries),
      device: random.pickSkewed(devices),
      referrer: random.pick(referrers),
      progress: random.chance(0.4) ? undefined : anyProgress(random),
      properties: anyProperties(random),
      userAgent,
      bot,
      wrong: undefined,
    };
    if (!random.chance(0.02)) return view;
    return random.pick<SentView>([
      { ...view, video: "", wrong: "video_name" },
      { ...view, watchMs: 7 * DAY + 1, wrong: "watch_duration" },
      { ...view, country: "NLD", wrong: "country" },
      { ...view, progress: 1.001, wrong: "progress" },
      { ...view, time: YEAR_2000 - 1, nanos: 0, wrong: "start_time" },
      { ...view, device: "d".repeat(65), wrong: "device" },
    ]);
  }

  /** The same view again, with more or less to say of it; now and then by mistake another one. */
  #repeat(earlier: SentView): SentView {
    const random = this.#random;
    const heartbeat: SentView = {
      ...earlier,
      watchMs: random.chance(0.3) ? earlier.watchMs : anyWatch(random),
      progress: random.chance(0.25) ? undefined : anyProgress(random),
    };
    // A video that the log knows: whether a refused view is the first to name one, nothing says.
    const named = videos.filter((video) => Number.isFinite(this.#ledger.rank(video)));
    if (random.chance(0.15)) {
      return { ...heartbeat, video: random.pick([earlier.video, ...named]) };
    }
    if (random.chance(0.15)) return { ...heartbeat, viewer: random.pick(viewers) };
    if (random.chance(0.7)) return heartbeat;
    // What else it says is not looked at.
    const known = this.#ledger.known(earlier.id ?? "");
    if (known === undefined) return heartbeat;
    return {
      ...heartbeat,
      time: anyTime(random),
      country: random.pick(countries),
      device: random.pick(devices),
      referrer: random.pick(referrers),
      properties: anyProperties(random),
      userAgent: random.pick(userAgents.bots),
      bot: true,
    };
  }
}

/** A moment that views may begin at, seldom an innocent one. */
export function anyTime(random: Random): number {
  const kind = random.next();
  if (kind < 0.12) {
    // Whole minutes from now, so that windows that end now have few edges among them.
    const ago = random.chance(0.3) ? random.between(-3, 4) : random.between(0, 4 * 1_440);
    return Date.now() - ago * MINUTE;
  }
  if (kind < 0.14) return YEAR_2000 + random.between(0, 2);
  const moment = random.pickSkewed(moments);
  if (kind < 0.75) return moment + random.pick(distances);
  const days = random.pick([1, 3, 40]);
  return moment + random.between(-days * DAY, days * DAY);
}

function anyWatch(random: Random): number {
  return random.pick([
    0,
    1,
    random.between(0, 10_000),
    random.between(0, 3_600_000),
    random.chance(0.1) ? 7 * DAY - 1 : 999,
  ]);
}

function anyProgress(random: Random): number {
  const thousandth = random.between(0, 1_000);
  return random.pick([
    0,
    1,
    0.95,
    0.9499999,
    random.between(950, 1_000) / 1_000,
    thousandth / 1_000,
    Math.round(thousandth / 10) / 100,
    random.next(),
  ]);
}

function anyProperties(random: Random): (readonly [string, string])[] {
  if (random.chance(0.35)) return [];
  return random
    .some([...properties.keys()], random.pick([1, 1, 2, 3, 12]))
    .map((name) => [name, random.pick(properties.get(name) ?? [])] as const);
}
