import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { create, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import {
  EvaluateModelResponse_Stage as Stage,
  EvaluationSchema,
  Split,
  type Evaluation,
} from "../../../gen/recommendations/v1/evaluation_pb.js";
import type { FieldNames } from "../call-failure.ts";
import type { EvaluateOptions } from "../evaluate.ts";
import { Failure, oneLine } from "../failure.ts";
import type { GlobalOptions } from "../options.ts";
import { print } from "../output.ts";
import { Progress } from "../progress.ts";
import { withServer } from "../session.ts";
import { terminalWidth } from "../table.ts";
import { chartOf } from "./chart.ts";
import { describeEvaluation } from "./describe.ts";
import { evaluateFile } from "./file.ts";

/** What this command calls the fields of its request. */
const names: FieldNames = { split: "--split", split_time: "--at", max_viewers: "--viewers" };

/** What only a file has. */
const FILE_OPTIONS = ["user", "item", "kind", "kindColumn", "value", "time", "delimiter"] as const;

/**
 * Evaluates, on a file or on the log of the server, and writes what came out: a
 * table or JSON, and a chart if asked.
 */
export async function runEvaluate(
  command: Command,
  file: string | undefined,
  options: EvaluateOptions,
): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  check(file, options);
  const evaluation =
    file === undefined ? await evaluateServer(command, options) : await evaluateFile(file, options);
  if (options.chart !== undefined) {
    const title =
      file === undefined ? command.optsWithGlobals<GlobalOptions>().url : basename(file);
    await writeFile(options.chart, chartOf(evaluation, title)).catch((error: unknown) => {
      throw new Failure(`--chart: ${oneLine(error)}`);
    });
  }
  if (json === true) {
    const document = toJson(EvaluationSchema, evaluation, { alwaysEmitImplicit: true });
    print(JSON.stringify(document));
  } else {
    print(describeEvaluation(evaluation, terminalWidth()));
  }
}

function check(file: string | undefined, options: EvaluateOptions): void {
  if (options.at !== undefined && options.split !== "time") {
    throw new Failure("--at: only with --split time");
  }
  if (options.viewers < 10) throw new Failure("--viewers: from 10 on");
  const needless = FILE_OPTIONS.find((name) => options[name] !== undefined);
  if (file === undefined && needless !== undefined) {
    const flag = needless.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new Failure(`--${flag}: only with a file`);
  }
}

async function evaluateServer(command: Command, options: EvaluateOptions): Promise<Evaluation> {
  let evaluation: Evaluation | undefined;
  await withServer(command, { names }, async ({ client, options: { timeout } }) => {
    const limited = command.getOptionValueSourceWithGlobals("timeout") !== "default";
    const state = { share: 0, text: "waiting" };
    const progress = new Progress("evaluation", () => state);
    try {
      const stream = client.recommendations.evaluateModel(
        {
          split: options.split === "time" ? Split.TIME : Split.VIEWER,
          ...(options.at !== undefined && { splitTime: timestampFromMs(options.at) }),
          maxViewers: options.viewers,
          seed: options.seed,
        },
        limited ? { timeoutMs: timeout * 1_000 } : {},
      );
      for await (const message of stream) {
        state.share = message.progress;
        state.text = Stage[message.stage].toLowerCase();
        if (message.stage === Stage.DONE) ({ evaluation } = message);
      }
    } finally {
      progress.stop();
    }
  });
  if (evaluation === undefined) {
    throw new Failure("the server ended the stream before the evaluation was done: try again");
  }
  return create(EvaluationSchema, evaluation);
}
