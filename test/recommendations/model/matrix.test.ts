import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MatrixBuilder } from "../../../src/recommendations/model/matrix.ts";

/** Users and what they like, by numbers that lie close together or far apart. */
const likes = fc
  .constantFrom(40, 2 ** 29)
  .chain((max) => fc.array(fc.uniqueArray(fc.integer({ min: 1, max }), { maxLength: 12 })));

test("should have a column for each video that somebody likes, in ascending order", () => {
  fc.assert(
    fc.property(likes, (users) => {
      const builder = new MatrixBuilder();
      for (const [user, videos] of users.entries()) {
        for (const video of videos) builder.add(video, 1 + (video % 3));
        builder.endUser(user);
      }
      const { matrix, videos, users: numbers } = builder.build();
      expect([...videos]).toEqual([...new Set(users.flat())].toSorted((a, b) => a - b));
      expect(matrix.items).toBe(videos.length);
      const some = users.flatMap((liked, user) => (liked.length > 0 ? [user] : []));
      expect([...numbers]).toEqual(some);
      for (const [row, user] of some.entries()) {
        const [start, end] = [matrix.offsets[row], matrix.offsets[row + 1]];
        const columns = [...matrix.columns.subarray(start, end)];
        expect(columns.map((column) => videos[column])).toEqual(users[user]);
        expect([...matrix.strengths.subarray(start, end)]).toEqual(
          users[user]?.map((video) => 1 + (video % 3)),
        );
      }
    }),
  );
});
