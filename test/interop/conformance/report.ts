/** How a run of the suite went. */
export interface Report {
  /** The exit code of the suite; undefined if it was ended because it took too long. */
  readonly code: number | undefined;
  /** All cases, and those that passed. */
  readonly total: number;
  readonly passed: number;
  /** The servers that cases were run against, such as "HTTP_VERSION_2, PROTOCOL_GRPC, TLS:false". */
  readonly servers: readonly string[];
  /** Each with its name and what is wrong; of a run that was ended, the cases without an answer. */
  readonly failures: readonly string[];
  /** What the suite printed of other things. */
  readonly rest: string;
}

/** Reads what the suite printed with --vv. */
export function readReport(output: string, code: number | undefined): Report {
  const asked = new Set<string>();
  const rest: string[] = [];
  const failures: string[] = [];
  const servers = new Set<string>();
  let total = 0;
  let passed = 0;
  for (const line of output.split("\n")) {
    const [, what, name] =
      /^(Sending request|Received response) for "(.*)"\.\.\.$/.exec(line) ?? [];
    const [, server] = /^Running \d+ tests .* \{(.*)\}\.\.\.$/.exec(line) ?? [];
    const [, failed] = /^FAILED: (.*)$/.exec(line) ?? [];
    const [, cases] = /^Total cases: (\d+)$/.exec(line) ?? [];
    const [, good] = /^(\d+) passed, \d+ failed$/.exec(line) ?? [];
    if (name !== undefined && what === "Sending request") asked.add(name);
    else if (name !== undefined) asked.delete(name);
    else if (server !== undefined) servers.add(server);
    else if (failed !== undefined) failures.push(failed);
    else if (cases !== undefined) total = Number(cases);
    else if (good !== undefined) passed = Number(good);
    else if (line.startsWith("\t") && failures.length > 0)
      failures.push(`${failures.pop()}\n${line}`);
    else if (line.trim() !== "") rest.push(line);
  }
  if (code === undefined) failures.push(...[...asked].map((name) => `${name}:\n\tno answer`));
  return { code, total, passed, servers: [...servers], failures, rest: rest.join("\n") };
}
