import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How long a child may take for one answer: milliseconds. */
const ANSWER_MS = 180_000;
/** How long a child may take to end by itself: milliseconds. */
const END_MS = 5_000;

/** A process of ours that answers questions over IPC, one at a time. */
export interface Child {
  /** Its first message. */
  readonly greeting: unknown;
  /** Fails if it ends instead of answering, or takes more than three minutes. */
  ask(question: object): Promise<unknown>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** All processes that run, so that none is left behind. */
const running = new Set<ChildProcess>();

/**
 * Starts a module as a Node process that is pinned to a core, and waits for its
 * first message.
 *
 * @param stdout a file descriptor that gets its standard output; default: nothing does.
 */
export async function startChild(
  module: URL,
  options: { readonly core: number; readonly args?: readonly string[]; readonly stdout?: number },
): Promise<Child> {
  const { core, args = [], stdout = "ignore" } = options;
  const command = ["-c", String(core), process.execPath, module.pathname, ...args];
  const child = follow(spawn("taskset", command, { stdio: ["ignore", stdout, "inherit", "ipc"] }));
  const what = [module.pathname, ...args].join(" ");
  const answer = async (): Promise<unknown> => {
    const heard = new AbortController();
    const signal = AbortSignal.any([heard.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      return await Promise.race([
        once(child, "message", { signal }).then(([message]) => message as unknown),
        once(child, "exit", { signal }).then(([code, how]) => {
          throw new Error(`${what} ended: ${code === null ? how : `exit code ${code}`}`);
        }),
      ]);
    } finally {
      heard.abort();
    }
  };
  return {
    greeting: await answer(),
    ask(question) {
      child.send(question);
      return answer();
    },
    async stop() {
      if (!running.has(child)) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Counts a process among those that run, until it ends. */
export function follow<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** Ends all processes that still run, at once. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}
