import type { Caller } from "../caller.ts";
import { DomainError, invalidField } from "../errors.ts";
import type { Log, NewView } from "../log/log.ts";
import { pageToken, readPageToken } from "../page-token.ts";
import { newUuid } from "../uuid.ts";
import type { Span, TopCursor, ViewTotals } from "./columns/columns.ts";
import type { ProjectedColumns } from "./columns/projected-columns.ts";

/** A view to be logged; what is undefined gets its default. */
export interface View extends Omit<NewView, "time"> {
  readonly time: number | undefined;
}

export interface LoggedView {
  readonly viewId: string;
  readonly duplicate: boolean;
  readonly position: number;
}

/** What is known of one video, by its name. */
interface NamedTotals extends ViewTotals {
  readonly name: string;
}

export interface TopVideos {
  readonly videos: readonly NamedTotals[];
  /** "" on the last page. */
  readonly nextPageToken: string;
  readonly position: number;
}

export interface TopVideosQuery {
  readonly span: Span;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly minPosition: number;
}

/** Counts views, and answers questions about them. */
export class Analytics {
  readonly #log: Log;
  readonly #columns: ProjectedColumns;

  constructor(log: Log, columns: ProjectedColumns) {
    this.#log = log;
    this.#columns = columns;
  }

  /** Logs a view. It is on disk, and counted once for each view id, when this is fulfilled. */
  async logView(caller: Caller, view: View): Promise<LoggedView> {
    const now = Date.now();
    const viewId = view.viewId === "" ? newUuid() : view.viewId;
    const receipt = await this.#log.appendView(caller, {
      ...view,
      viewId,
      time: view.time ?? now,
    });
    if (receipt.outcome === "conflict") {
      throw new DomainError(
        "already_exists",
        `view_id: a view ${JSON.stringify(viewId)} of another video or viewer was logged before`,
        {
          reason: "VIEW_ID_TAKEN",
          metadata: { view_id: viewId },
          violations: [
            { field: "view_id", description: "Names a logged view of another video or viewer." },
          ],
        },
      );
    }
    return { viewId, duplicate: receipt.outcome !== "logged", position: receipt.position };
  }

  /** What is known of a video. */
  async viewStats(
    caller: Caller,
    query: { readonly video: string; readonly span: Span; readonly minPosition: number },
  ): Promise<ViewTotals & { position: number }> {
    const position = await this.#reach(caller, query.minPosition);
    const video = await this.#log.findName(caller.project, "video", query.video);
    const totals =
      video === undefined
        ? { views: 0, uniqueViewers: 0, watchMs: 0 }
        : await this.#columns.viewTotals(caller.project, video, query.span);
    return { ...totals, position };
  }

  /** A page of the videos with the most views. */
  async topVideos(caller: Caller, query: TopVideosQuery): Promise<TopVideos> {
    const filter = [caller.project, query.span.from ?? null, query.span.to ?? null];
    const after = readPageToken(query.pageToken, filter, isTopCursor);
    const position = await this.#reach(caller, query.minPosition);
    const limit = query.pageSize + 1;
    const found = await this.#columns.topVideos(caller.project, query.span, limit, after);
    const page = found.slice(0, query.pageSize);
    const last = page.at(-1);
    const names = await this.#log.namesOf(
      caller.project,
      "video",
      page.map(({ video }) => video),
    );
    return {
      videos: page.map((totals, index) => ({ ...totals, name: names[index] ?? "" })),
      nextPageToken:
        found.length > page.length && last !== undefined
          ? pageToken(filter, { views: last.views, video: last.video } satisfies TopCursor)
          : "",
      position,
    };
  }

  /** Waits for a position in the columns, and tells the one that they have. */
  async #reach(caller: Caller, minPosition: number): Promise<number> {
    if (minPosition > this.#log.position) {
      throw invalidField(
        "min_position",
        `Must not be beyond the end of the log, which is at ${this.#log.position}.`,
      );
    }
    await this.#columns.reached(minPosition, caller.signal);
    return this.#columns.position;
  }
}

function isTopCursor(value: unknown): value is TopCursor {
  return (
    typeof value === "object" &&
    value !== null &&
    "views" in value &&
    Number.isSafeInteger(value.views) &&
    "video" in value &&
    Number.isSafeInteger(value.video)
  );
}
