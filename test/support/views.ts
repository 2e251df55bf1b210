import type { NewFeedback, NewView } from "../../src/log/log.ts";

/** 2026-01-02T03:04:05Z */
export const SOME_TIME = 1_767_323_045_000;

let views = 0;

/** A view of "video", by nobody, with an id of its own unless it is given. */
export function view(parts: Partial<NewView> = {}): NewView {
  return {
    viewId: `view-${++views}`,
    video: "video",
    viewer: "",
    time: SOME_TIME,
    watchMs: 0,
    progress: -1,
    country: "",
    device: "",
    referrer: "",
    properties: "",
    bot: false,
    ...parts,
  };
}

/** A rating of "video" by "viewer". */
export function rating(parts: Partial<NewFeedback> = {}): NewFeedback {
  return { viewer: "viewer", video: "video", kind: 4, value: 5, time: SOME_TIME, ...parts };
}
