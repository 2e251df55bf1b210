import { createBrowserClient } from "../../client/browser.ts";
import { OutcomeReport } from "./outcomes.ts";

/** The server that the page came from. */
export const marquee = createBrowserClient();

/** What became of what was recommended on these pages. */
export const outcomes = new OutcomeReport((told) =>
  marquee.recommendations.recordOutcomes({ outcomes: told }),
);
