import { setImmediate } from "node:timers/promises";
import { EntryType, type Entry, type Log } from "../log/log.ts";
import { CatalogItems } from "./catalog-items.ts";
import { ContentRanking } from "./content/content-ranking.ts";
import { Items } from "./items.ts";
import { RecentViewers } from "./recent-viewers.ts";
import { Selection } from "./selection.ts";
import { Kind, strengthOf } from "./signals.ts";
import type { Trainer } from "./training.ts";
import { Trending } from "./trending.ts";
import { Histories, isOfBot } from "./histories.ts";

/** How many names are looked up in one go. */
const NAMES = 500;

/** What the recommender knows of a project, all of it in memory and made from the log. */
export class Project {
  readonly number: number;
  readonly items = new Items();
  /** What the items say of themselves. */
  readonly content = new ContentRanking(this.items);
  /** Keeps the items as the catalog has them. */
  readonly catalogItems: CatalogItems;
  /** What a call may answer with; good until the call awaits something. */
  readonly selection = new Selection(this.items);
  readonly histories = new Histories();
  readonly recentViewers = new RecentViewers();
  readonly trending = new Trending();
  readonly trainer: Trainer;
  /** Once what is not made from the log is there: catalog and last model. */
  readonly loaded: Promise<void>;
  /** The videos whose names are still to be looked up. */
  readonly #unnamed = new Set<number>();

  constructor(number: number, trainer: Trainer, load: (project: Project) => Promise<void>) {
    this.number = number;
    this.catalogItems = new CatalogItems(this.items, this.content, number);
    this.trainer = trainer;
    this.loaded = load(this);
    // Who asks for it is told.
    this.loaded.catch(() => {});
  }

  /**
   * Takes over an entry of the log; its video may have no name yet. Of what takes
   * longer, tells when it is done.
   */
  apply(entry: Entry): Promise<void> | undefined {
    switch (entry.type) {
      case EntryType.ERASE:
        this.#erase(entry.viewer);
        this.trainer.outdated(entry.position);
        break;
      case EntryType.TRIM:
        this.trainer.outdated(entry.position);
        return this.#dropViews(entry.time);
      default:
        this.#record(entry);
    }
    return undefined;
  }
  /** Looks up the names of the videos that entries had. */
  async learnNames(log: Log): Promise<void> {
    while (this.#unnamed.size > 0) {
      const videos = [...this.#unnamed].slice(0, NAMES);
      const names = await log.namesOf(this.number, "video", videos);
      for (const [index, video] of videos.entries()) {
        this.#unnamed.delete(video);
        const name = names[index];
        if (name !== undefined) this.items.see(video, name);
      }
      // At the start there are many: others have their turn between them.
      if (this.#unnamed.size > 0) await setImmediate();
    }
  }

  #record(entry: Entry): void {
    const { type, video, kind, value, time, position } = entry;
    if (this.items.indexOfVideo(video) < 0) this.#unnamed.add(video);
    const change = this.histories.apply(entry);
    if (type === EntryType.EXTEND || isOfBot(entry)) return;
    if (type === EntryType.VIEW) {
      this.trending.addViews(video, change?.time ?? time, change?.weight ?? 1);
    } else {
      if (change !== undefined && !Number.isNaN(change.replaced)) {
        this.trending.subtractOpinion(video, change.replaced);
      }
      if (strengthOf(kind, value) > 0) this.trending.addOpinion(video, time);
    }
    this.trainer.changed(position);
  }

  /** Forgets a viewer. What they alone viewed stays known as a video until the next start. */
  #erase(viewer: number): void {
    this.recentViewers.forget();
    for (const { video, kind, value, time } of this.histories.erase(viewer)) {
      if (kind === Kind.COUNTED_VIEW) this.trending.subtractViews(video, time, value);
      else if (strengthOf(kind, value) > 0) this.trending.subtractOpinion(video, time);
    }
  }

  /** Forgets views from before a time. */
  async #dropViews(before: number): Promise<void> {
    this.trending.dropViews(before);
    // There are many viewers: others have their turn between some of them.
    for (const _ of this.histories.dropViews(before)) await setImmediate();
  }
}
