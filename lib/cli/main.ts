/**
 * The `iap` command.
 *
 * @module
 */

import { createRequire } from "node:module";
import { Command } from "commander";
import type { InitRequest } from "./init.ts";

/** Where this runs: in a checkout, or in the npm package, which has no charms. */
const isCheckout = import.meta.filename.endsWith(".ts");

const { version } = createRequire(import.meta.url)("charmed-iap/package.json") as { version: string };

const program = new Command("iap")
  .description(
    "Charmed IAP: charms in TypeScript, from the first test to the archive, and the Identity and Access Proxy on one machine",
  )
  .version(version);

program
  .command("start")
  .description("deploy the proxy in front of a sample application, and follow the log until Ctrl-C")
  .option("--check", "sign in as a browser would, print each hop, and end")
  .action(async (options: { check?: boolean }) => {
    if (!isCheckout) {
      program.error(
        "Cannot start: the proxy's charms are not in the npm package, this should run in a checkout",
      );
    }
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
  .command("init [folder]")
  .description("begin a charm, with tests that pass; in this folder when none is given")
  .option("--name <name>", "of the charm; default the folder's")
  .option(
    "--adopt <source>",
    "begin with the contract of a charm that exists: its charmcraft.yaml, or folder",
  )
  .option("--license <id>", "Apache-2.0, MIT or none; asked for at a terminal, else Apache-2.0")
  .option(
    "--package <spec>",
    "what npm installs as charmed-iap: a version or a tarball; default what this is installed from",
  )
  .addHelpText(
    "after",
    `
Writes contract.ts, charm.ts, workload.ts, main.ts, charm.test.ts and README.md, and what is emitted of the contract.
Outside a checkout of this project also package.json, tsconfig.json, .gitignore and LICENSE.`,
  )
  .action(async (folder: string | undefined, options: InitRequest) => {
    const { initCharm } = await import("./init.ts");
    process.exitCode = await initCharm(folder ?? ".", options);
  });

program
  .command("emit [charms...]")
  .description("write charmcraft.yaml, REFERENCE.md and terraform/ of charms from their contracts")
  .option("--check", "only compare; exits 1 when a file differs")
  .action(async (charms: readonly string[], options: { check?: boolean }) => {
    const { emitFiles } = await import("./emit.ts");
    process.exitCode = await emitFiles(charms, options);
  });

program
  .command("check [charms...]")
  .description("say every rule of Juju's that charms break, and every emitted file that differs")
  .action(async (charms: readonly string[]) => {
    const { checkCharms } = await import("./emit.ts");
    process.exitCode = await checkCharms(charms);
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
  .addHelpText(
    "after",
    `
Writes <name>_<architecture>.charm, for juju deploy ./<name>_<architecture>.charm. Equal sources make equal bytes.
The ordinary charmcraft pack makes the same of the same folder, in a machine of the charm's base.`,
  )
  .action(async (charms: readonly string[], options: { buildFor?: readonly string[]; output: string }) => {
    const { pack } = await import("./pack.ts");
    process.exitCode = await pack(charms, options);
  });

program
  .command("replay <file>")
  .description("run a charm over a recorded hook; print what differs, and exit 1 when something does")
  .option("--charm <folder>", "the charm's folder; default this one, or charms/<name>")
  .option("--inspect-brk [address]", "wait for a debugger first, at 127.0.0.1:9229 or the given address")
  .option("--secret <name=file...>", "what stood in place of redacted-N: the content of a file")
  .action(
    async (
      file: string,
      options: { charm?: string; inspectBrk?: boolean | string; secret?: readonly string[] },
    ) => {
      const { replayRecording } = await import("./replay.ts");
      process.exitCode = await replayRecording(file, options);
    },
  );

await program.parseAsync();
