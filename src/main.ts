import { addGreet } from "./cli/greet.ts";
import { addImport } from "./cli/import.ts";
import { addLogView } from "./cli/log-view.ts";
import { addModel } from "./cli/model.ts";
import { createProgram, runProgram } from "./cli/program.ts";
import { addRecommend } from "./cli/recommend.ts";
import { addSearch } from "./cli/search.ts";
import { addServe } from "./cli/serve-command.ts";
import { addSimilar } from "./cli/similar.ts";
import { addStats } from "./cli/stats.ts";
import { addTop } from "./cli/top.ts";
import { addTrain } from "./cli/train.ts";
import { addTrending } from "./cli/trending.ts";

const program = createProgram();
addServe(program);
addImport(program);
addLogView(program);
addStats(program);
addTop(program);
addRecommend(program);
addSearch(program);
addSimilar(program);
addTrending(program);
addTrain(program);
addModel(program);
addGreet(program);

await runProgram(program, process.argv.slice(2));
