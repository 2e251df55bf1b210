import * as fc from "fast-check";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.js";
import { Sender } from "../../src/cli/import/sender.ts";

const entry = (line: number, key: string) => ({
  row: { line, values: [key] },
  message: { line, key },
  key,
});

type Message = ReturnType<typeof entry>["message"];

describe("a sender of batches", () => {
  it("keeps the order of each key for any keys and any order of answers, and loses nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 40 }),
        fc.boolean(),
        fc.scheduler(),
        async (keys, distinct, scheduler) => {
          const arrived: Message[] = [];
          let repeats = 0;
          let superseded = 0;
          const sender = new Sender<Message>({
            list: "items",
            batchSize: 3,
            inFlight: 3,
            distinct,
            send: async (messages) => {
              repeats += messages.length - new Set(messages.map((m) => m.key)).size;
              await scheduler.schedule(Promise.resolve());
              arrived.push(...messages);
              return [messages.length];
            },
            onAccepted: ([, others = 0]) => (superseded += others),
            onRejected() {},
          });
          const sending = (async () => {
            for (const [line, key] of keys.entries()) await sender.add(entry(line, key));
            await sender.finish();
          })();
          await scheduler.waitFor(sending);
          expect(arrived.length + superseded).toBe(keys.length);
          expect(distinct ? repeats : superseded).toBe(0);
          for (const key of new Set(keys)) {
            const lines = arrived.filter((m) => m.key === key).map((m) => m.line);
            expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => a - b));
            expect(lines.at(-1)).toBe(keys.lastIndexOf(key));
          }
        },
      ),
    );
  });

  it("has no more requests under way than it may", async () => {
    let running = 0;
    let most = 0;
    const sender = new Sender<Message>({
      list: "items",
      batchSize: 2,
      inFlight: 3,
      distinct: false,
      send: async (messages) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return [messages.length];
      },
      onAccepted() {},
      onRejected() {},
    });
    for (let line = 0; line < 50; line++) await sender.add(entry(line, `k${line}`));
    await sender.finish();
    expect(most).toBe(3);
  });

  it("rejects what is refused, whether the server names the entries or not, and sends the rest", async () => {
    for (const named of [true, false]) {
      const bad = new Set([2, 3, 11]);
      const accepted: number[] = [];
      const rejected: number[] = [];
      const sender = new Sender<Message>({
        list: "items",
        batchSize: 5,
        inFlight: 2,
        distinct: false,
        send: async (messages) => {
          const wrong = messages.flatMap((m, i) => (bad.has(m.line) ? [i] : []));
          const fieldViolations = wrong.map((i) => ({
            field: `items[${i}].title`,
            description: "No.",
          }));
          const details = named ? [{ desc: BadRequestSchema, value: { fieldViolations } }] : [];
          if (wrong.length > 0) {
            throw new ConnectError("no", Code.InvalidArgument, undefined, details);
          }
          accepted.push(...messages.map((m) => m.line));
          return [messages.length];
        },
        onAccepted() {},
        onRejected: ({ row }) => rejected.push(row.line),
      });
      for (let line = 0; line < 13; line++) await sender.add(entry(line, `k${line}`));
      await sender.finish();
      expect(rejected.toSorted((a, b) => a - b)).toEqual([2, 3, 11]);
      expect(accepted.toSorted((a, b) => a - b)).toEqual([0, 1, 4, 5, 6, 7, 8, 9, 10, 12]);
    }
  });

  it("sends an earlier entry of a key if the later is refused, whether by name or not", async () => {
    for (const named of [true, false]) {
      const accepted: number[] = [];
      const rejected: number[] = [];
      const outcomes: (readonly number[])[] = [];
      const sender = new Sender<Message>({
        list: "items",
        batchSize: 5,
        inFlight: 1,
        distinct: true,
        send: async (messages) => {
          const fieldViolations = messages.flatMap(({ line }, i) =>
            line > 2 ? [{ field: `items[${i}].title`, description: "No." }] : [],
          );
          const details = named ? [{ desc: BadRequestSchema, value: { fieldViolations } }] : [];
          if (fieldViolations.length > 0) {
            throw new ConnectError("no", Code.InvalidArgument, undefined, details);
          }
          accepted.push(...messages.map((m) => m.line));
          return [messages.length];
        },
        onAccepted: (counts) => outcomes.push(counts),
        onRejected: ({ row }) => rejected.push(row.line),
      });
      for (const [line, key] of ["b", "a", "a", "a", "a"].entries()) {
        await sender.add(entry(line, key));
      }
      await sender.finish();
      expect(rejected).toEqual([4, 3]);
      expect(accepted.toSorted((a, b) => a - b)).toEqual([0, 2]);
      // One of them superseded line 1.
      expect(outcomes.reduce((sum, counts) => sum + (counts[1] ?? 0), 0)).toBe(1);
    }
  });

  it("sends no more after a failure that is not about the entries, and fails with it", async () => {
    let sent = 0;
    const failure = new ConnectError("not now", Code.Unavailable);
    const sender = new Sender<Message>({
      list: "items",
      batchSize: 1,
      inFlight: 2,
      distinct: false,
      send: async () => {
        sent++;
        throw failure;
      },
      onAccepted() {},
      onRejected() {},
    });
    const all = async (): Promise<void> => {
      for (let line = 0; line < 50; line++) await sender.add(entry(line, `k${line}`));
    };
    await expect(all()).rejects.toBe(failure);
    await expect(sender.finish()).rejects.toBe(failure);
    expect(sent).toBeLessThanOrEqual(3);
  });
});
