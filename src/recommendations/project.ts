import { setImmediate } from "node:timers/promises";
import { EntryType, type Entry, type Log } from "../log/log.ts";
import { CatalogItems } from "./catalog-items.ts";
import { Items } from "./items.ts";
import { Selection } from "./selection.ts";
import { Kind, strengthOf } from "./signals.ts";
import type { Trainer } from "./training.ts";
import { Trending } from "./trending.ts";
import { Histories } from "./viewer-history.ts";

/** How many names are looked up in one go. */
const NAMES = 500;

/** What the recommender knows of a project, all of it in memory and made from the log. */
export class Project {
  readonly number: number;
  readonly items = new Items();
  /** Keeps the items as the catalog has them. */
  readonly catalogItems: CatalogItems;
  /** What a call may answer with; good until the call awaits something. */
  readonly selection = new Selection(this.items);
  readonly histories = new Histories();
  readonly trending = new Trending();
  readonly trainer: Trainer;
  /** Once what is not made from the log is there: catalog and last model. */
  readonly loaded: Promise<void>;
  /** The videos whose names are still to be looked up. */
  readonly #unnamed = new Set<number>();

  constructor(number: number, trainer: Trainer, load: (project: Project) => Promise<void>) {
    this.number = number;
    this.catalogItems = new CatalogItems(this.items, number);
    this.trainer = trainer;
    this.loaded = load(this);
    // Who asks for it is told.
    this.loaded.catch(() => {});
  }

  /** Takes over an entry of the log; its video may have no name yet. */
  apply(entry: Entry): void {
    // A longer watch of a view that is known changes nothing here.
    if (entry.type === EntryType.EXTEND) return;
    const { video, viewer, value, time } = entry;
    if (this.items.indexOfVideo(video) < 0) this.#unnamed.add(video);
    const counted = entry.type === EntryType.VIEW;
    const kind = counted ? Kind.COUNTED_VIEW : entry.kind;
    let replaced = Number.NaN;
    if (viewer !== 0) replaced = this.histories.record(viewer, video, kind, value, time);
    if (!Number.isNaN(replaced)) this.trending.subtract(video, replaced);
    if (strengthOf(kind, value) > 0) this.trending.add(video, time);
    this.trainer.changed(entry.position);
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
}
