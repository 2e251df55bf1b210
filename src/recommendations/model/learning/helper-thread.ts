import { threadData } from "../../../thread.ts";
import { help, type HelperData } from "./team.ts";

/** A thread that helps with a training. */
help(threadData<HelperData>());
