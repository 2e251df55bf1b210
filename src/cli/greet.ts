import type { Command } from "commander";
import { withServer } from "./session.ts";

/** Adds `marquee greet`. */
export function addGreet(program: Command): void {
  program
    .command("greet <name>")
    .description("Say hello to the server, to see whether it answers.")
    .addHelpText("after", "\nExample:\n  marquee greet Ann")
    .action((name: string, _options: unknown, command: Command) =>
      withServer(command, {}, async ({ client, answer }) => {
        const response = await client.greeter.greet({ name });
        answer(response, () => response.greeting);
      }),
    );
}
