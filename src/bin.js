#!/usr/bin/env node
import module from "node:module";

// Plain JavaScript, so that a Node too old to strip types can say so.
const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) {
  // Where Node.js keeps such things: the next start need not strip types again.
  module.enableCompileCache();
  await import("./main.ts");
} else {
  process.stderr.write(
    `marquee: needs Node 24 or newer, and this is ${process.versions.node}: \`npm start\` and \`npm run marquee --\` bring their own\n`,
  );
  process.exitCode = 1;
}
