import { Moved, sendEvent, serveThread } from "../thread.ts";
import { EntryType, type Entry, type LogSource } from "../log/log.ts";
import { openLogReader } from "../log/reader.ts";
import { evaluate } from "./model/evaluation.ts";
import { nearestItems } from "./model/item-cosine.ts";
import { MatrixBuilder, userCount, type Interactions } from "./model/matrix.ts";
import { scalesOf } from "./model/model.ts";
import { encodeModel, readModelFile, writeModelFile } from "./model/model-file.ts";
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
  readonly buffer: ArrayBuffer;
  /** Why it is in no file; undefined if it is. */
  readonly unsaved: string | undefined;
}

/** How many entries are read at once. */
const BATCH = 10_000;

/** Which users are held out, so that models of the same log can be compared. */
const SEED = 20_240_229;

const api = {
  /** The bytes of the model in a file; undefined if there is none. Rejects if it is damaged. */
  async load(file: string): Promise<Moved<ArrayBuffer> | undefined> {
    const buffer = await readModelFile(file);
    return buffer === undefined ? undefined : new Moved(buffer, [buffer]);
  },

  /**
   * Learns a model from the log, writes its file and returns the same bytes; with
   * them, why the file could not be written, if so: the model is good all the same.
   */
  async train(task: Task): Promise<Moved<Trained>> {
    const { interactions, position, logId } = await readInteractions(task);
    report("evaluating", 0);
    const heldOut = evaluate(interactions, SEED, (done) => report("evaluating", done));
    report("learning", 0);
    const { matrix, videos } = interactions;
    const neighbours = nearestItems(matrix, undefined, (done) => report("learning", done));
    const buffer = encodeModel({
      ...neighbours,
      videos,
      scales: scalesOf(neighbours),
      info: {
        trainedTime: Date.now(),
        items: videos.length,
        users: userCount(matrix),
        interactions: matrix.columns.length,
        position,
        heldOut,
        logId,
      },
    });
    const unsaved = await writeModelFile(task.file, buffer).then(() => undefined, String);
    return new Moved({ buffer, unsaved }, [buffer]);
  },
};

export type TrainingApi = typeof api;

serveThread(api);

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
  for (const history of histories.all()) {
    for (const { video, strength } of history.interests(HISTORY_LIMIT)) {
      if (strength > 0) builder.add(video, strength);
    }
    builder.endUser();
  }
  return builder.build();
}

function report(stage: Stage, progress: number): void {
  sendEvent({ stage, progress } satisfies Progress);
}
