import type { ConnectRouter } from "@connectrpc/connect";
import { Notes } from "../../wire/support/contract.ts";

/** The handlers of both servers that are attacked. */
export function addNotes(router: ConnectRouter): void {
  router.service(Notes, {
    say: ({ text, number }) => ({ text, data: new Uint8Array(number) }),
    // As many bytes in each message as the number says, without an end.
    async *list({ number }) {
      for (;;) yield { data: new Uint8Array(number) };
    },
  });
}
