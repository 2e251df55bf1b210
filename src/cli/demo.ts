import type { Logger } from "pino";
import type { App } from "../app.ts";
import { DomainError } from "../errors.ts";
import type { SampleStage } from "../sample/progress.ts";

/** What is said of each stage once it is over, and what its total counts. */
const stages: Readonly<Record<SampleStage, readonly [message: string, counted?: string]>> = {
  catalog: ["the sample catalog is there", "items"],
  profiles: ["the sample profiles are there", "profiles"],
  views: ["the sample views are logged", "views"],
  feedback: ["the sample ratings and likes are recorded", "feedback"],
  training: ["a model is learned from the sample"],
  done: ["the sample data is loaded"],
};

/**
 * Loads the sample data into a server that has just started, if its catalog is
 * empty or has a part of it, and logs each stage once it is over. What goes wrong
 * is logged, too: the server serves all the same.
 */
export async function loadDemo(
  app: Pick<App, "ready" | "loadSample">,
  logger: Logger,
): Promise<void> {
  try {
    await app.ready;
    let last: SampleStage | undefined;
    for await (const { stage, done, total } of app.loadSample()) {
      // A training may be through twice.
      if (done < total || stage === last) continue;
      last = stage;
      const [message, counted] = stages[stage];
      logger.info(counted === undefined ? {} : { [counted]: total }, message);
    }
  } catch (error) {
    if (error instanceof DomainError && error.code === "failed_precondition") {
      logger.info(`no sample data is loaded: ${error.message}`);
    } else if (error instanceof DomainError) {
      logger.warn(`the sample data is not all loaded: ${error.message}`);
    } else {
      logger.error({ err: error }, "the sample data could not be loaded");
    }
  }
}
