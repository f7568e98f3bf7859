/**
 * The `iap` command.
 *
 * @module
 */

import { Command } from "commander";

const program = new Command("iap").description("Charmed IAP: the Identity and Access Proxy on one machine");

program
  .command("start")
  .description("deploy the proxy in front of a sample application, and follow the log until Ctrl-C")
  .option("--check", "sign in as a browser would, print each hop, and end")
  .action(async (options: { check?: boolean }) => {
    const { start } = await import("./start/start.ts");
    process.exitCode = await start(options);
  });

program
  .command("stop")
  .description("stop the local model and all that it runs; what was deployed is kept")
  .action(async () => {
    const { stop } = await import("./start/start.ts");
    await stop();
  });

program
  .command("env")
  .description('print what puts the juju command on PATH: eval "$(npx iap env)"')
  .action(async () => {
    const { printEnvironment } = await import("../local/cli/env.ts");
    await printEnvironment();
  });

program
  .command("build <charm> <folder>")
  .description("build the charm in a folder as Juju would unpack it")
  .action(async (charm: string, folder: string) => {
    const { resolve } = await import("node:path");
    const { buildCharm } = await import("../../charmcraft/pack.ts");
    const { name, directory } = await buildCharm(resolve(charm), resolve(folder));
    console.log(`${name} built in ${directory}`);
  });

await program.parseAsync();
