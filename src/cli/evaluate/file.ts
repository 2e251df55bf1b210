import { create } from "@bufbuild/protobuf";
import {
  EvaluationSchema,
  type Evaluation,
} from "../../../gen/recommendations/v1/evaluation_pb.js";
import {
  divideByTime,
  divideByViewer,
  type Divided,
} from "../../recommendations/evaluation/divide.ts";
import { evaluate, MIN_VIEWERS } from "../../recommendations/evaluation/evaluate.ts";
import { evaluationMessage } from "../../recommendations/evaluation/message.ts";
import { TimeSample } from "../../recommendations/evaluation/time-sample.ts";
import { buildKernels } from "../../recommendations/model/kernels/build.ts";
import { Histories } from "../../recommendations/histories.ts";
import type { EvaluateOptions } from "../evaluate.ts";
import { Failure } from "../failure.ts";
import { say } from "../output.ts";
import { Progress } from "../progress.ts";
import { CsvFile } from "../import/file.ts";
import { interactionReader, type Interaction } from "./interactions.ts";
import { isJsonLines, JsonLinesFile } from "./json-lines.ts";

/** How many faulty rows are listed. */
const LISTED = 20;
/** Of a split by time: how much is before it. */
const LEARNED = 0.8;

/**
 * Evaluates on the interactions of a file, in this process.
 *
 * @throws Failure if it cannot be read, has faulty rows (exit code 2) or too few viewers.
 */
export async function evaluateFile(path: string, options: EvaluateOptions): Promise<Evaluation> {
  const state = { share: 0, text: "reading" };
  const progress = new Progress("evaluation", () => state);
  try {
    const interactions = await readFile(path, options, (share) => {
      state.share = share;
    });
    const { divided, splitTime } = divide(interactions, options);
    await buildKernels();
    const evaluated = await evaluate(divided, {
      seed: options.seed,
      onLearning: (share) => Object.assign(state, { share, text: "learning" }),
      onRanking: (share) => Object.assign(state, { share, text: "ranking" }),
    });
    if (evaluated === undefined) {
      throw new Failure(
        `${path} has ${divided.cases.length} viewers to rank for, and ${MIN_VIEWERS} are needed: ${needs[options.split]}`,
      );
    }
    const { split } = options;
    return create(EvaluationSchema, evaluationMessage({ ...evaluated, split, splitTime }));
  } finally {
    progress.stop();
  }
}

const needs = {
  viewer: "a tenth of those who like 5 items or more are",
  time: "those who liked something before the time, and something new after it, are",
};

/** All interactions of a file. @throws Failure after listing the faulty rows. */
async function readFile(
  path: string,
  options: EvaluateOptions,
  onRead: (share: number) => void,
): Promise<Interaction[]> {
  const file = (await isJsonLines(path))
    ? await JsonLinesFile.open(path)
    : await CsvFile.open(path, options.delimiter ?? ",");
  const faults: string[] = [];
  let faulty = 0;
  const fault = (line: number, reason: string): void => {
    if (faulty++ < LISTED) faults.push(`${file.name}, line ${line}: ${reason}`);
  };
  const interactions: Interaction[] = [];
  try {
    const read = interactionReader(file.name, file.header, options);
    for await (const rows of file.rows()) {
      for (const row of rows) {
        if (typeof row.values === "string") {
          fault(row.line, row.values);
        } else if (row.values.length === file.header.length) {
          const parsed = read(row.values);
          if (typeof parsed === "string") fault(row.line, parsed);
          else interactions.push(parsed);
        } else {
          const columns = `the header has ${file.header.length} columns`;
          fault(row.line, `has ${row.values.length} values, and ${columns}`);
        }
      }
      onRead(file.share);
    }
  } finally {
    await file.close();
  }
  if (faulty > 0) {
    for (const line of faults) say(line);
    if (faulty > LISTED) say(`… and ${faulty - LISTED} more`);
    throw new Failure(`${faulty} ${faulty === 1 ? "row is" : "rows are"} faulty`, 2);
  }
  return interactions;
}

function divide(
  interactions: readonly Interaction[],
  options: EvaluateOptions,
): { divided: Divided; splitTime: number | undefined } {
  const { seed, viewers: maxViewers, split } = options;
  const before = new Histories();
  const after = new Histories();
  let splitTime = options.at;
  if (split === "time" && splitTime === undefined) {
    const times = new TimeSample(seed);
    for (const { time } of interactions) times.add(time);
    splitTime = times.quantile(LEARNED);
  }
  for (const { user, item, kind, value, time } of interactions) {
    const histories = splitTime === undefined || time < splitTime ? before : after;
    // What is kept of a time begins in 1970.
    histories.record(user, { video: item, kind, value, time: Math.max(0, time) });
  }
  const bounds = { seed, maxViewers };
  const divided =
    split === "time" ? divideByTime(before, after, bounds) : divideByViewer(before, bounds);
  return { divided, splitTime };
}
