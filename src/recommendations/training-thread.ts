import { constants, setPriority } from "node:os";
import { sendEvent, serveThread } from "../thread.ts";
import { EntryType, type Entry, type LogSource } from "../log/log.ts";
import { openLogReader } from "../log/reader.ts";
import { BlendedModel } from "./model/blended-model.ts";
import { heldOutOf, judgeOn } from "./model/evaluation.ts";
import type { SharedMemory } from "./model/kernels/webassembly.ts";
import { learn } from "./model/learning/learn.ts";
import { columnCounts, MatrixBuilder, userCount, type Interactions } from "./model/matrix.ts";
import { isClearlyWorse, type Quality } from "./model/metrics.ts";
import type { HeldOut, ModelInfo } from "./model/model.ts";
import { describeModel, encodeModel, readModelFile, writeModelFile } from "./model/model-file.ts";
import { Kind } from "./signals.ts";
import { Histories, HISTORY_LIMIT } from "./viewer-history.ts";

/** A thread that learns models, and reads and writes their files. */

/** What a training is doing. */
export type Stage = "reading" | "evaluating" | "learning";

/** How far a training is. */
export interface Progress {
  readonly stage: Stage;
  /** How much of the stage is done, from 0 to 1. */
  readonly progress: number;
}

/** What a model is to be learned from, and where it goes. */
export interface Task {
  readonly source: LogSource;
  readonly project: number;
  readonly file: string;
}

/** A model that was learned. */
export interface Trained {
  /** Its bytes are at the beginning. */
  readonly memory: SharedMemory;
  /** Why it is in no file; undefined if it is. */
  readonly unsaved: string | undefined;
  /** The model that the file had, judged on the same users; undefined if it had none of this log. */
  readonly replaced: Replaced | undefined;
}

/** A model that another takes the place of. */
export interface Replaced {
  readonly heldOut: HeldOut;
  /** Whether the new one is clearly worse than it: see {@link isClearlyWorse}. */
  readonly isClearlyBetter: boolean;
}

/** How many entries are read at once. */
const BATCH = 10_000;

/**
 * On Linux, where a priority is that of one thread: what serves requests comes
 * first. A training takes what is left.
 */
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Which users are held out, so that models of the same log can be compared. */
const SEED = 20_240_229;

const api = {
  /** The model in a file; undefined if there is none. Rejects if it is damaged. */
  async load(file: string): Promise<SharedMemory | undefined> {
    return readModelFile(file);
  },

  /**
   * Learns a model from the log, writes its file and returns it; with it, why the
   * file could not be written, if so: the model is good all the same.
   */
  async train(task: Task): Promise<Trained> {
    const { interactions, position, logId } = await readInteractions(task);
    const { matrix, videos } = interactions;
    report("evaluating", 0);
    const learned = await learn(interactions, {
      seed: SEED,
      onSearch: (done) => report("evaluating", done),
      onProgress: (done) => report("learning", done),
    });
    const info: ModelInfo = {
      trainedTime: Date.now(),
      items: videos.length,
      users: userCount(matrix),
      interactions: matrix.columns.length,
      position,
      heldOut: undefined,
      logId,
    };
    const memory = encodeModel({ ...learned, info, counts: columnCounts(matrix) });
    const qualities = judgeOn(new BlendedModel(memory), interactions, SEED);
    const replaced = await judgeReplaced(task, interactions, logId, qualities);
    describeModel(memory, { ...info, trainedTime: Date.now(), heldOut: heldOutOf(qualities) });
    const unsaved = await writeModelFile(task.file, memory).then(() => undefined, String);
    return { memory, unsaved, replaced };
  },
};

export type TrainingApi = typeof api;

serveThread(api);

/** Judges the model in the file, if it is one of this log. */
async function judgeReplaced(
  task: Task,
  interactions: Interactions,
  logId: string,
  qualities: readonly Quality[],
): Promise<Replaced | undefined> {
  const memory = await readModelFile(task.file).catch(() => undefined);
  if (memory === undefined) return undefined;
  const model = new BlendedModel(memory);
  if (model.info.logId !== logId) return undefined;
  const before = judgeOn(model, interactions, SEED);
  const heldOut = heldOutOf(before);
  return heldOut && { heldOut, isClearlyBetter: isClearlyWorse(qualities, before) };
}

async function readInteractions(
  task: Task,
): Promise<{ interactions: Interactions; position: number; logId: string }> {
  const reader = openLogReader(task.source);
  try {
    let head = await reader.position();
    const histories = new Histories();
    report("reading", 0);
    let position = 0;
    while (position < head) {
      const entries = await reader.read(position, BATCH);
      for (const entry of entries) {
        if (entry.project === task.project) record(histories, entry);
      }
      // Without entries, all that was left is gone by now.
      position = entries.at(-1)?.position ?? head;
      report("reading", Math.min(1, position / head));
      // To the very end: who was erased meanwhile is so by an entry there.
      head = await reader.position();
    }
    return { interactions: matrixOf(histories), position, logId: await reader.id() };
  } finally {
    await reader.close();
  }
}

function record(histories: Histories, { type, viewer, video, kind, value, time }: Entry): void {
  switch (type) {
    case EntryType.VIEW:
      if (viewer !== 0) histories.record(viewer, video, Kind.COUNTED_VIEW, value, time);
      break;
    case EntryType.FEEDBACK:
      histories.record(viewer, video, kind, value, time);
      break;
    case EntryType.ERASE:
      histories.erase(viewer);
      break;
    case EntryType.TRIM:
      for (const _ of histories.dropViews(time));
      break;
    default:
    // A longer watch of a view that is known teaches nothing.
  }
}

function matrixOf(histories: Histories): Interactions {
  const builder = new MatrixBuilder();
  for (const [viewer, history] of histories.all()) {
    for (const { video, strength } of history.interests(HISTORY_LIMIT)) {
      if (strength > 0) builder.add(video, strength);
    }
    builder.endUser(viewer);
  }
  return builder.build();
}

function report(stage: Stage, progress: number): void {
  sendEvent({ stage, progress } satisfies Progress);
}
