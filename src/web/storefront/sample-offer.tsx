import { useState } from "preact/hooks";
import {
  LoadSampleStage as Stage,
  type LoadSampleResponse,
} from "../../../gen/sample/v1/sample_service_pb.js";
import { marquee } from "./marquee.ts";
import { Failure } from "./parts.tsx";
import { forgetAll } from "./remembered.ts";

type State =
  | { readonly is: "offered" }
  | { readonly is: "loading"; readonly progress: LoadSampleResponse | undefined }
  | { readonly is: "failed"; readonly error: unknown };

/** Fills an empty server with sample data, or goes on with that, and shows how far it is. */
export function SampleOffer({
  isBegun,
  onLoaded,
}: {
  /** A part of it is there: its loading was broken off, or goes on elsewhere. */
  isBegun: boolean;
  /** All of it is there. */
  onLoaded: () => void;
}) {
  const [state, setState] = useState<State>({ is: "offered" });
  const load = async (): Promise<void> => {
    setState({ is: "loading", progress: undefined });
    try {
      for await (const progress of marquee.sample.loadSample({})) {
        setState({ is: "loading", progress });
      }
      // What was asked before knows an empty server.
      forgetAll();
      onLoaded();
    } catch (error) {
      setState({ is: "failed", error });
    }
  };
  return (
    <section class="sample card">
      <h2>{isBegun ? "A part of the sample data is here" : "Nothing is here yet"}</h2>
      <p>
        {isBegun
          ? "Its loading was broken off. It goes on where it was, and adds nothing twice."
          : "Put items into the catalog, or see how it looks with sample data: a few hundred books " +
            "in the public domain, and an audience that is made up. All of it is marked as sample."}
      </p>
      {state.is === "loading" && <Progress progress={state.progress} />}
      {state.is === "offered" && (
        <button type="button" class="button primary" onClick={() => void load()}>
          {isBegun ? "Finish loading" : "Load sample data"}
        </button>
      )}
      {state.is === "failed" && (
        <Failure
          what="The sample data could not be loaded."
          error={state.error}
          again={() => void load()}
        />
      )}
    </section>
  );
}

const stages: Partial<Record<Stage, readonly [what: string, unit: string]>> = {
  [Stage.CATALOG]: ["Putting books into the catalog", "books"],
  [Stage.PROFILES]: ["Creating profiles", "profiles"],
  [Stage.VIEWS]: ["Logging views", "views"],
  [Stage.FEEDBACK]: ["Recording ratings and likes", "ratings and likes"],
  [Stage.TRAINING]: ["Learning a model", "percent"],
  [Stage.DONE]: ["Done", ""],
};

const LAST = Stage.TRAINING;

function Progress({ progress }: { progress: LoadSampleResponse | undefined }) {
  const stage = progress?.stage ?? Stage.CATALOG;
  const [what, unit] = stages[stage] ?? stages[Stage.CATALOG] ?? ["", ""];
  const done = Number(progress?.done ?? 0);
  const total = Number(progress?.total ?? 0);
  // Each stage is an equal part of the bar, so that it never goes back.
  const share = stage === Stage.DONE ? 1 : (stage - 1 + (total > 0 ? done / total : 0)) / LAST;
  const number = Math.min(stage, LAST);
  return (
    <div class="progress">
      <progress aria-label="Loading sample data" max={1} value={share} />
      <p>
        <span role="status">
          Step {number} of {LAST}: {what}
        </span>
        {unit !== "" && total > 0 && (
          <span class="muted">
            {" "}
            {done.toLocaleString("en")} of {total.toLocaleString("en")} {unit}
          </span>
        )}
      </p>
    </div>
  );
}
