import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RouteNotes } from "../../src/tutorial/route-notes.ts";
import { caller } from "../support/callers.ts";

const at = (latitude: number, longitude = 0) => ({ latitude, longitude });

describe("RouteNotes", () => {
  it("should bring back what was left at the same point before, oldest first", () => {
    const notes = new RouteNotes();
    expect(notes.leave(caller(), at(1, 2), "a")).toEqual([]);
    expect(notes.leave(caller(), at(2, 1), "other")).toEqual([]);
    expect(notes.leave(caller(), at(1, 2), "b")).toEqual(["a"]);
    expect(notes.leave(caller(), at(1, 2), "c")).toEqual(["a", "b"]);
  });

  it("should keep projects apart", () => {
    const notes = new RouteNotes({ points: 1 });
    notes.leave(caller(1), at(1), "a");
    expect(notes.leave(caller(2), at(1), "b")).toEqual([]);
    notes.leave(caller(2), at(2), "c");
    expect(notes.leave(caller(1), at(1), "d")).toEqual(["a"]);
  });

  it("should keep 100 notes of each of 1,000 points unless it is told otherwise", () => {
    const notes = new RouteNotes();
    for (let note = 0; note <= 100; note++) notes.leave(caller(), at(0), `${note}`);
    for (let point = 1; point < 1_000; point++) notes.leave(caller(), at(point), "here");
    const kept = notes.leave(caller(), at(0), "last");
    expect(kept).toHaveLength(100);
    expect(kept.at(0)).toBe("1");
    expect(kept.at(-1)).toBe("100");
    // Point 1 is the one that was visited least lately now.
    notes.leave(caller(), at(1_000), "one more");
    expect(notes.leave(caller(), at(2), "still")).toEqual(["here"]);
    expect(notes.leave(caller(), at(1), "again")).toEqual([]);
  });

  it("should remember what a list of all notes would, within its bounds", () => {
    const bounds = fc.record({
      points: fc.integer({ min: 1, max: 4 }),
      notes: fc.integer({ min: 1, max: 3 }),
    });
    const visits = fc.array(fc.tuple(fc.nat(1), fc.nat(5), fc.string()), { maxLength: 60 });
    fc.assert(
      fc.property(bounds, visits, (limits, left) => {
        const notes = new RouteNotes(limits);
        const all: { project: number; point: number; note: string }[] = [];
        for (const [project, point, note] of left) {
          const here = all.filter((one) => one.project === project);
          // A point is forgotten once so many others were visited since.
          const lastVisit = here.findLastIndex((one) => one.point === point);
          const since = new Set(here.slice(lastVisit + 1).map((one) => one.point));
          if (since.size >= limits.points) {
            for (const one of here) if (one.point === point) all.splice(all.indexOf(one), 1);
          }
          const expected = all.filter((one) => one.project === project && one.point === point);
          expect(notes.leave(caller(project), at(point), note)).toEqual(
            expected.slice(-limits.notes).map((one) => one.note),
          );
          all.push({ project, point, note });
        }
      }),
    );
  });
});
