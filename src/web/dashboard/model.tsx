import { Code, ConnectError } from "@connectrpc/connect";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Model } from "../../../gen/recommendations/v1/recommendations_service_pb.js";
import { marquee, marqueeOverGrpcWeb } from "./client.ts";
import { failureText } from "./logic/failure.ts";
import { ago, count, exactCount, share } from "./logic/format.ts";
import { heldOutText, trainingOutcome, trainingProgress } from "./logic/training.ts";
import { Panel } from "./panel.tsx";
import { useAnswer } from "./use-answer.ts";
import { useNow } from "./use-live.ts";

interface Training {
  readonly isRunning: boolean;
  readonly text: string;
  /** From 0 to 1. */
  readonly progress: number;
}

/**
 * What recommendations come from, and what learns it anew.
 *
 * @param props.returns how often the server came back: whoever it is now may have another model.
 */
export function ModelPanel({ returns }: { returns: number }) {
  // The server also trains by itself: now and then there is another model.
  const minute = Math.floor(useNow(60_000) / 60_000);
  const [trainings, setTrainings] = useState(0);
  const answer = useAnswer(`model ${trainings}`, minute + returns, async (signal) => {
    try {
      return { model: (await marqueeOverGrpcWeb.recommendations.getModel({}, { signal })).model };
    } catch (error) {
      if (ConnectError.from(error).code === Code.NotFound) return { model: undefined };
      throw error;
    }
  });
  const [training, train] = useTraining(() => setTrainings((old) => old + 1));
  return (
    <Panel
      title="Recommender"
      class="model"
      answer={answer}
      actions={
        <button type="button" class="button" disabled={training?.isRunning} onClick={train}>
          {training?.isRunning ? "Training…" : "Train now"}
        </button>
      }
    >
      {({ model }) => (
        <>
          <output class="training">{training?.text}</output>
          {training?.isRunning && (
            <progress max={1} value={training.progress} aria-label="Progress of the training" />
          )}
          {model === undefined ? (
            <p class="muted">
              No model yet. Until there is one, recommendations come from what trends, and from what
              resembles what somebody viewed. A model is learned from who viewed and liked what.
            </p>
          ) : (
            <ModelState model={model} />
          )}
        </>
      )}
    </Panel>
  );
}

/** Trains, and tells how that goes. */
function useTraining(onEnd: () => void): [Training | undefined, () => void] {
  const [training, setTraining] = useState<Training | undefined>(undefined);
  const end = useRef(new AbortController());
  // The training goes on without whoever follows it.
  useEffect(() => () => end.current.abort(), []);
  const train = async (): Promise<void> => {
    const { signal } = end.current;
    setTraining({ isRunning: true, text: "Beginning", progress: 0 });
    try {
      for await (const message of marquee.recommendations.trainModel({}, { signal })) {
        if (message.model === undefined) {
          setTraining({ isRunning: true, ...trainingProgress(message) });
        } else {
          setTraining({ isRunning: false, text: trainingOutcome(message), progress: 1 });
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const text = `Nothing was learned: ${failureText(error)}`;
      setTraining({ isRunning: false, text, progress: 0 });
    }
    onEnd();
  };
  return [training, () => void train()];
}

function ModelState({ model }: { model: Model }) {
  const now = useNow();
  const { trainedTime, items, users, interactions, heldOut } = model;
  const trained = trainedTime === undefined ? now : timestampMs(trainedTime);
  const figures = [
    ["Trained", ago(trained, now)],
    ["From", `${count(Number(interactions))} views and likes`],
    ["Viewers", exactCount(users)],
    ["Items", exactCount(items)],
    ...(heldOut === undefined
      ? []
      : ([
          ["Recall of 20", share(heldOut.recallAt20)],
          ["NDCG of 100", heldOut.ndcgAt100.toFixed(3)],
        ] as const)),
  ] as const;
  return (
    <>
      <dl class="facts">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt class="muted">{name}</dt>
            <dd title={name === "Trained" ? new Date(trained).toISOString() : undefined}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <p class="muted note">
        {heldOut === undefined
          ? "Too few viewers to hold any out: how good it is cannot be told yet."
          : `${heldOutText(heldOut)} NDCG is 1 where all that they liked comes first.`}
      </p>
    </>
  );
}
