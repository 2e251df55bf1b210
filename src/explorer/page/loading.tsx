import { useEffect, useState } from "preact/hooks";
import { readContract, type Contract } from "../contract.ts";
import { isBrokenInBrowser } from "../../client/broken-in-browsers.ts";
import { Explorer } from "./explorer.tsx";

/** Where the server has its descriptors. */
const DESCRIPTORS = "/descriptors.binpb";

type State =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "loaded"; readonly contract: Contract };

/** Gets the contract of the server, and shows it. */
export function Loading() {
  const [state, setState] = useState<State>({ kind: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const aborter = new AbortController();
    setState({ kind: "loading" });
    fetchContract(aborter.signal).then(
      (contract) => setState({ kind: "loaded", contract }),
      (error: unknown) => {
        if (aborter.signal.aborted) return;
        setState({ kind: "failed", why: whyOf(error) });
      },
    );
    return () => aborter.abort();
  }, [attempt]);

  if (state.kind === "loaded") return <Explorer contract={state.contract} />;
  return (
    <main id="main">
      {state.kind === "loading" ? (
        <p class="muted" role="status">
          Reading what the server offers …
        </p>
      ) : (
        <div class="notice" role="alert">
          <p>
            What the server offers could not be read from {DESCRIPTORS}: {state.why}
          </p>
          <p>
            <button type="button" class="button" onClick={() => setAttempt(attempt + 1)}>
              Try again
            </button>
          </p>
        </div>
      )}
    </main>
  );
}

function whyOf(error: unknown): string {
  if (isBrokenInBrowser(error)) return "the server cannot be reached.";
  return error instanceof Error ? error.message : String(error);
}

async function fetchContract(signal: AbortSignal): Promise<Contract> {
  const response = await fetch(DESCRIPTORS, { signal });
  if (!response.ok) throw new Error(`the server answered ${response.status}.`);
  return readContract(new Uint8Array(await response.arrayBuffer()));
}
