import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { CallOptions } from "@connectrpc/connect";
import type { LogViewRequestSchema } from "../../gen/analytics/v1/ingestion_pb.js";
import { FeedbackKind } from "../../gen/recommendations/v1/feedback_pb.js";
import { TrainModelResponse_Stage as TrainingStage } from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { ownTurn } from "../wire/turn.ts";
import type { Book } from "./books.ts";
import { LOADED, loadingMark, MARK } from "./mark.ts";
import { members } from "./members.ts";
import type { SampleOpinion, SampleView } from "./reading.ts";
import type { SampleClient, Stage } from "./progress.ts";

/**
 * The stages of loading. Each can be repeated: what is there already is not added
 * again.
 */

/** So many go at once: few enough for other calls to get their turns. */
const BOOKS_AT_ONCE = 50;
const VIEWS_AT_ONCE = 250;
const OPINIONS_AT_ONCE = 250;
/** As many as the contract has. */
const PAGE = 1_000;

const kinds = {
  rating: FeedbackKind.RATING,
  like: FeedbackKind.LIKE,
  dislike: FeedbackKind.DISLIKE,
  dismiss: FeedbackKind.DISMISS,
};

/** How many percents of a training are done at the begin of each stage, and at its end. */
const percents: Readonly<Partial<Record<TrainingStage, readonly [from: number, to: number]>>> = {
  [TrainingStage.READING]: [0, 5],
  [TrainingStage.EVALUATING]: [5, 75],
  [TrainingStage.LEARNING]: [75, 100],
  [TrainingStage.DONE]: [100, 100],
};

/** Puts the books into the catalog, marked as those of a sample that is not all there. */
export async function* loadItems(
  client: SampleClient,
  books: readonly Book[],
  since: number,
  options: CallOptions,
): Stage {
  const total = books.length;
  yield { stage: "catalog", done: 0, total };
  for (let done = 0; done < total;) {
    await ownTurn();
    const batch = books.slice(done, done + BOOKS_AT_ONCE);
    await storeItems(client, batch, loadingMark(since), options);
    done += batch.length;
    yield { stage: "catalog", done, total };
  }
}

/** Marks the books in the catalog as those of a sample that is there: all of them, or none. */
export async function finishItems(
  client: SampleClient,
  books: readonly Book[],
  options: CallOptions,
): Promise<void> {
  await storeItems(client, books, LOADED, options);
}

async function storeItems(
  { catalog }: SampleClient,
  books: readonly Book[],
  mark: string,
  options: CallOptions,
): Promise<void> {
  const items = books.map(({ id, title, authors, year, language, categories, description }) => ({
    ...{ id, title, description },
    creators: [...authors],
    categories: [...categories],
    properties: { [MARK]: mark, year: String(year), language },
  }));
  await catalog.upsertItems({ items }, options);
}

/** Creates the profiles that are missing, and returns the ids of all, in the order of the members. */
export async function* loadProfiles(client: SampleClient, options: CallOptions): Stage<string[]> {
  const total = members.length;
  const known = await idsByEmail(client, options);
  const ids: string[] = [];
  for (const member of members) {
    yield { stage: "profiles", done: ids.length, total };
    const id =
      known.get(member.email) ??
      (await client.profiles.createProfile({ ...member }, options)).profile?.id;
    ids.push(id as string);
  }
  yield { stage: "profiles", done: total, total };
  return ids;
}

async function idsByEmail(
  { profiles }: SampleClient,
  options: CallOptions,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  let pageToken = "";
  do {
    const page = await profiles.listProfiles({ pageSize: PAGE, pageToken }, options);
    for (const { email, id } of page.profiles) ids.set(email, id);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return ids;
}

/** Logs the views, in small batches. */
export async function* loadViews(
  { analytics }: SampleClient,
  views: readonly SampleView[],
  options: CallOptions,
): Stage {
  const total = views.length;
  yield { stage: "views", done: 0, total };
  for (let done = 0; done < total;) {
    await ownTurn();
    const batch = views.slice(done, done + VIEWS_AT_ONCE);
    await analytics.logViews(onlyOne({ views: batch.map(viewMessage) }), options);
    done += batch.length;
    yield { stage: "views", done, total };
  }
}

function viewMessage({
  startTime,
  watchMs,
  ...view
}: SampleView): MessageInitShape<typeof LogViewRequestSchema> {
  return {
    ...view,
    startTime: timestampFromMs(startTime),
    watchDuration: durationFromMs(watchMs),
    properties: { [MARK]: LOADED },
  };
}

async function* onlyOne<T>(message: T): AsyncGenerator<T> {
  yield message;
}

/** Records what readers say of books. */
export async function* loadOpinions(
  { recommendations }: SampleClient,
  opinions: readonly SampleOpinion[],
  options: CallOptions,
): Stage {
  const total = opinions.length;
  yield { stage: "feedback", done: 0, total };
  for (let done = 0; done < total;) {
    await ownTurn();
    const batch = opinions.slice(done, done + OPINIONS_AT_ONCE);
    const feedback = batch.map(({ viewerId, videoName, kind, value, time }) => ({
      userId: viewerId,
      itemId: videoName,
      kind: kinds[kind],
      value,
      feedbackTime: timestampFromMs(time),
    }));
    await recommendations.recordFeedback({ feedback }, options);
    done += batch.length;
    yield { stage: "feedback", done, total };
  }
}

/** Learns a model from all that was loaded. */
export async function* trainModel({ recommendations }: SampleClient, options: CallOptions): Stage {
  for await (const { stage, progress } of recommendations.trainModel({}, options)) {
    const [from, to] = percents[stage] ?? [0, 0];
    yield { stage: "training", done: Math.floor(from + (to - from) * progress), total: 100 };
  }
}
