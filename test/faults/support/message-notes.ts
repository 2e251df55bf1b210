import type { ConnectRouter } from "@connectrpc/connect";
import { Notes } from "../../wire/support/contract.ts";

/** The handlers of both servers whose messages and streams are attacked. */
export function addMessageNotes(router: ConnectRouter): void {
  /** Messages that handlers have made or read. */
  let progress = 0;
  let running = 0;
  let most = 0;
  router.service(Notes, {
    // "progress" asks for what the others count.
    say: ({ text }) => (text === "progress" ? { number: progress } : { text }),
    async read({ text, number }) {
      if (text === "most") return { number: most };
      most = Math.max(most, ++running);
      const end = performance.now() + number;
      // "burn" takes the time for itself, anything else only waits.
      if (text === "burn") while (performance.now() < end);
      else await new Promise((resolve) => setTimeout(resolve, number));
      running--;
      return { text };
    },
    /** Never ends, with messages of as many bytes. */
    async *list({ number }) {
      for (;;) {
        progress++;
        yield { data: new Uint8Array(number) };
      }
    },
    /** Never reads. */
    collect: () => new Promise(() => {}),
    /** Answers each message with as many bytes. */
    async *chat(notes) {
      for await (const { number } of notes) {
        progress++;
        yield { data: new Uint8Array(number) };
      }
    },
  });
}
