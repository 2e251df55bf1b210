import type { Caller } from "../caller.ts";

/** A point on the map, in 10,000,000ths of a degree. */
export interface MapPoint {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * The notes that were left at points, in memory. Of each project, the points
 * that were visited last are kept; of each point, the newest notes.
 */
export class RouteNotes {
  readonly #mostPoints: number;
  readonly #mostNotes: number;
  /** By project, then by point: the one that was visited last at the end. */
  readonly #points = new Map<number, Map<string, string[]>>();

  /** @param bounds how many points are kept (default: 1,000), and notes of each (default: 100). */
  constructor({ points = 1_000, notes = 100 }: { points?: number; notes?: number } = {}) {
    this.#mostPoints = points;
    this.#mostNotes = notes;
  }

  /** Leaves a note, and tells those that were left there before, oldest first. */
  leave({ project }: Caller, { latitude, longitude }: MapPoint, note: string): readonly string[] {
    const points = this.#points.get(project) ?? new Map<string, string[]>();
    this.#points.set(project, points);
    const key = `${latitude},${longitude}`;
    const before = points.get(key) ?? [];
    // A map keeps the order in which keys came into it.
    points.delete(key);
    points.set(key, [...before, note].slice(-this.#mostNotes));
    if (points.size > this.#mostPoints) {
      for (const oldest of points.keys()) {
        points.delete(oldest);
        break;
      }
    }
    return before;
  }
}
