import { createClient } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { Notes } from "./support/contract.ts";
import { protocols, startWire, transportFor } from "./support/server.ts";

/** Counts the turns of the event loop. */
function countTurns(): () => number {
  let turn = 0;
  let immediate: NodeJS.Immediate;
  const next = (): void => {
    turn++;
    immediate = setImmediate(next);
  };
  next();
  onTestFinished(() => clearImmediate(immediate));
  return () => turn;
}

test.each(protocols)(
  "should give each of many large messages a turn of the event loop over %s",
  async (protocol) => {
    const turn = countTurns();
    const turns: number[] = [];
    const { url } = await startWire({
      say: (note) => {
        turns.push(turn());
        return note;
      },
    });
    const client = createClient(Notes, transportFor(protocol, url));
    const data = new Uint8Array(40_000);
    await Promise.all(Array.from({ length: 20 }, () => client.say({ data })));
    expect(turns).toHaveLength(20);
    expect(new Set(turns).size).toBe(20);
  },
);
