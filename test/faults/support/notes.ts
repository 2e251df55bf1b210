import type { ConnectRouter } from "@connectrpc/connect";
import { Notes } from "../../wire/support/contract.ts";

/** The handlers of both servers that are attacked. */
export function addNotes(router: ConnectRouter): void {
  router.service(Notes, {
    say: ({ text, number }) => ({ text, data: new Uint8Array(number) }),
    // 400 messages of as many bytes as the number says: with 50,000, far more
    // than the buffers of both sides hold.
    async *list({ number }) {
      for (let n = 0; n < 400; n++) yield { data: new Uint8Array(number) };
    },
  });
}
