import { constants, setPriority } from "node:os";
import { threadData } from "../../../thread.ts";
import { help, type HelperData } from "./team.ts";

/** A thread that helps with a training; of the same priority as the one it helps. */
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_LOW);

help(threadData<HelperData>());
