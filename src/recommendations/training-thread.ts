import { constants, setPriority } from "node:os";
import { failpoint } from "../failpoint.ts";
import { sendEvent, serveThread } from "../thread.ts";
import { EntryType, type Entry, type LogSource } from "../log/log.ts";
import { openLogReader } from "../log/reader.ts";
import { divideByTime, divideByViewer } from "./evaluation/divide.ts";
import { learnedFrom } from "./learned-from.ts";
import { evaluate } from "./evaluation/evaluate.ts";
import type { EvaluationRequest, LogEvaluation, RankingProgress } from "./evaluation/evaluator.ts";
import { TimeSample } from "./evaluation/time-sample.ts";
import { BlendedModel } from "./model/blended-model.ts";
import { compareModels, heldOutOf, judgeOn, type Comparison } from "./model/evaluation.ts";
import { groupUsers } from "./model/held-out.ts";
import type { SharedMemory } from "./model/kernels/webassembly.ts";
import { learn, type LearnOptions } from "./model/learning/learn.ts";
import { columnCounts, userCount, type Interactions } from "./model/matrix.ts";
import type { ModelInfo } from "./model/model.ts";
import {
  copyModel,
  describeModel,
  encodeModel,
  readModelFile,
  removeUnfinished,
  writeModelFile,
} from "./model/model-file.ts";
import { TRAINING_SEED } from "./training-seed.ts";
import { Histories } from "./histories.ts";

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
  /** The bytes of the model in place, which are not changed; undefined if there is none. */
  readonly inPlace: SharedMemory | undefined;
}

/** What came of a training. */
export interface Trained {
  /** The bytes of the model are at its beginning; undefined if the model was refused. */
  readonly memory: SharedMemory | undefined;
  /** The position of the log up to which it was learned. */
  readonly position: number;
  /** Why it is in no file; undefined if it is, or is to be in none. */
  readonly unsaved: string | undefined;
  /** How it does beside the model in place; undefined if there is no way to tell. */
  readonly comparison: Comparison | undefined;
}

/** How many entries are read at once. */
const BATCH = 10_000;

/**
 * On Linux, where a priority is that of one thread: what serves requests comes
 * first. A training takes what is left.
 */
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_LOW);

const api = {
  /** The model in a file; undefined if there is none. Rejects if it is damaged. */
  async load(file: string): Promise<SharedMemory | undefined> {
    await removeUnfinished(file);
    const memory = await readModelFile(file);
    return memory && BlendedModel.prepare(memory);
  },

  /**
   * Learns a model from the log and judges it. Unless it is refused, writes its
   * file and returns it; with it, why the file could not be written, if so: the
   * model is good all the same.
   *
   * It is refused if it is clearly worse than the model in place; but not if the
   * log has lost something that the one in place may have been learned from,
   * because then that one must go.
   */
  async train(task: Task): Promise<Trained> {
    const { interactions, position, lostAt, logId } = await readInteractions(task);
    const { matrix, videos, users } = interactions;
    failpoint("training.read");
    report("evaluating", 0);
    const info: ModelInfo = {
      trainedTime: Date.now(),
      items: videos.length,
      users: userCount(matrix),
      interactions: matrix.columns.length,
      position,
      judgesTo: groupUsers(matrix, users, TRAINING_SEED).judgesTo,
      heldOut: undefined,
      logId,
    };
    const options: LearnOptions = {
      seed: TRAINING_SEED,
      onSearch: (done) => report("evaluating", done),
      onProgress: (done) => report("learning", done),
    };
    // What was learned is not kept: it holds on to all the memory of the learning.
    const counts = columnCounts(matrix);
    const memory = encodeModel({ ...(await learn(interactions, options)), info, counts });
    const qualities = judgeOn(new BlendedModel(memory), interactions, TRAINING_SEED);
    const inPlace = task.inPlace && new BlendedModel(copyModel(task.inPlace));
    const comparison = inPlace && compareModels(qualities, inPlace, interactions, TRAINING_SEED);
    const mustGo = inPlace !== undefined && lostAt > inPlace.info.position;
    if (comparison?.isWorse === true && !mustGo) {
      return { memory: undefined, position, unsaved: undefined, comparison };
    }
    describeModel(memory, { ...info, trainedTime: Date.now(), heldOut: heldOutOf(qualities) });
    const unsaved = await writeModelFile(task.file, memory).then(() => undefined, String);
    return { memory, position, unsaved, comparison };
  },

  /**
   * Learns a model from a part of the log, and finds out how well it ranks the
   * rest; undefined if there are too few viewers.
   */
  async evaluate(
    log: Pick<Task, "source" | "project">,
    request: EvaluationRequest,
  ): Promise<LogEvaluation | undefined> {
    const before = new Histories();
    const after = new Histories();
    let splitTime = request.splitTime;
    if (request.split === "time" && splitTime === undefined) {
      const times = new TimeSample(request.seed);
      await readLog(log, ({ type, time }) => {
        if (type === EntryType.VIEW || type === EntryType.FEEDBACK) times.add(time);
      });
      splitTime = times.quantile(LEARNED);
    }
    await readLog(log, (entry) => {
      const isKnown = splitTime === undefined || entry.time < splitTime;
      // What removes entries goes for both.
      if (isKnown || isLoss(entry)) record(before, entry);
      if (!isKnown || isLoss(entry)) record(after, entry);
    });
    const divided =
      request.split === "time"
        ? divideByTime(before, after, request)
        : divideByViewer(before, request);
    const evaluated = await evaluate(divided, {
      seed: request.seed,
      onLearning: (done) => report("learning", done),
      onRanking: (progress) => sendEvent({ stage: "ranking", progress } satisfies RankingProgress),
    });
    return evaluated && { ...evaluated, split: request.split, splitTime };
  },
};

/** Of a split by time: how much is before it. */
const LEARNED = 0.8;

export type TrainingApi = typeof api;

serveThread(api);

/** What a model is learned from. */
interface Material {
  readonly interactions: Interactions;
  /** Up to where the log was read. */
  readonly position: number;
  /** Where the log lost something last: a viewer, or old views; 0 if it never did. */
  readonly lostAt: number;
  readonly logId: string;
}

async function readInteractions(task: Task): Promise<Material> {
  const histories = new Histories();
  let lostAt = 0;
  const { position, logId } = await readLog(task, (entry) => {
    record(histories, entry);
    if (isLoss(entry)) lostAt = entry.position;
  });
  return { interactions: learnedFrom(histories), position, lostAt, logId };
}

/** Whether it removes what others said. */
function isLoss({ type }: Entry): boolean {
  return type === EntryType.ERASE || type === EntryType.TRIM;
}

/** Shows all entries of a project, and tells up to where and which the log was. */
async function readLog(
  task: Pick<Task, "source" | "project">,
  visit: (entry: Entry) => void,
): Promise<{ position: number; logId: string }> {
  const reader = openLogReader(task.source);
  try {
    let head = await reader.position();
    report("reading", 0);
    let position = 0;
    while (position < head) {
      const entries = await reader.read(position, BATCH);
      for (const entry of entries) {
        if (entry.project === task.project) visit(entry);
      }
      // Without entries, all that was left is gone by now.
      position = entries.at(-1)?.position ?? head;
      report("reading", Math.min(1, position / head));
      // To the very end: who was erased meanwhile is so by an entry there.
      head = await reader.position();
    }
    return { position, logId: await reader.id() };
  } finally {
    await reader.close();
  }
}

function record(histories: Histories, entry: Entry): void {
  switch (entry.type) {
    case EntryType.ERASE:
      histories.erase(entry.viewer);
      break;
    case EntryType.TRIM:
      for (const _ of histories.dropViews(entry.time));
      break;
    default:
      histories.apply(entry);
  }
}

function report(stage: Stage, progress: number): void {
  if (stage !== "reading") failpoint("training.learning");
  sendEvent({ stage, progress } satisfies Progress);
}
