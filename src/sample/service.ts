import type { ServiceImpl } from "@connectrpc/connect";
import { LoadSampleStage, type SampleService } from "../../gen/sample/v1/sample_service_pb.js";
import { passOn } from "../client/pass-on.ts";
import type { SampleStage } from "./progress.ts";
import type { Sample } from "./sample.ts";

const stages: Readonly<Record<SampleStage, LoadSampleStage>> = {
  catalog: LoadSampleStage.CATALOG,
  profiles: LoadSampleStage.PROFILES,
  views: LoadSampleStage.VIEWS,
  feedback: LoadSampleStage.FEEDBACK,
  training: LoadSampleStage.TRAINING,
  done: LoadSampleStage.DONE,
};

/** The handlers of sample.v1.SampleService. */
export function sampleService(sample: Sample): ServiceImpl<typeof SampleService> {
  return {
    async *loadSample(_request, context) {
      for await (const { stage, done, total } of sample.load(passOn(context))) {
        yield { stage: stages[stage], done: BigInt(done), total: BigInt(total) };
      }
    },
  };
}
