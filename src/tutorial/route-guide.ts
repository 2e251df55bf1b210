import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { PointSchema, type Point, type RouteGuide } from "../../gen/tutorial/route_guide_pb.js";
import { callerOf } from "../caller.ts";
import { RouteNotes } from "./route-notes.ts";

/** The names of places by latitude and longitude, in 10,000,000ths of a degree. */
const features: ReadonlyMap<string, string> = new Map([
  ["409146138,-746188906", "Berkshire Valley Management Area Trail, Jefferson, NJ, USA"],
  ["413208333,-746616667", "High Point Monument, Montague, NJ, USA"],
  ["413113000,-740068000", "Perkins Memorial Tower, Stony Point, NY, USA"],
  ["409163889,-741816667", "Great Falls of the Passaic River, Paterson, NJ, USA"],
  ["406892500,-740445000", "Statue of Liberty, New York, NY, USA"],
  ["403487000,-746593000", "Nassau Hall, Princeton, NJ, USA"],
]);

/** The handlers of RouteGuide. Its notes are kept as long as what this returns. */
export function routeGuide(): ServiceImpl<typeof RouteGuide> {
  const notes = new RouteNotes();
  return {
    getFeature: (location) => ({ name: features.get(keyOf(location)) ?? "", location }),

    async *routeChat(messages, context) {
      const caller = callerOf(context);
      for await (const { location = create(PointSchema), message } of messages) {
        const { Latitude: latitude, Longitude: longitude } = location;
        for (const note of notes.leave(caller, { latitude, longitude }, message)) {
          yield { location, message: note };
        }
      }
    },
  };
}

function keyOf({ Latitude, Longitude }: Point): string {
  return `${Latitude},${Longitude}`;
}
