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
  .option("--build-for <architecture>", "with its Node.js and papers, as pack does: amd64 or arm64")
  .action(async (charm: string, folder: string, options: { buildFor?: string }) => {
    const { build } = await import("./build.ts");
    process.exitCode = await build(charm, folder, options);
  });

program
  .command("adopt <source>")
  .description("write a first contract for the charm whose charmcraft.yaml, or folder, is given")
  .option("--output <file>", "where to, instead of standard output; a file that exists is kept")
  .action(async (source: string, options: { output?: string }) => {
    const { adoptCharm } = await import("./adopt.ts");
    process.exitCode = await adoptCharm(source, options);
  });

program
  .command("pack [charms...]")
  .description("pack charms for juju deploy, with the Node.js they run on inside")
  .option("--build-for <architectures...>", "amd64, arm64; default this machine's")
  .option("--output <folder>", "where the archives go", ".")
  .action(async (charms: readonly string[], options: { buildFor?: readonly string[]; output: string }) => {
    const { pack } = await import("./pack.ts");
    process.exitCode = await pack(charms, options);
  });

await program.parseAsync();
