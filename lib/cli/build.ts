/** `iap build`. */
import path from "node:path";
import { buildCharm } from "../../charmcraft/build.ts";
import { layOutCharm } from "../../charmcraft/lay-out.ts";
import { runtimeOf } from "../../charmcraft/runtime.ts";
import { architecturesOf, reported } from "./report.ts";

/** What was asked for on the command line. */
export interface BuildRequest {
  readonly buildFor?: string;
}

/**
 * Builds the charm of a folder: to run on this machine, or laid out as its archive is.
 *
 * @returns The exit code: 1 when the architecture is unknown or the charm breaks a rule.
 */
export function build(charm: string, folder: string, { buildFor }: BuildRequest): Promise<number> {
  const [source, out] = [path.resolve(charm), path.resolve(folder)];
  return reported(async () => {
    const { name } =
      buildFor === undefined ? await buildCharm(source, out) : await layOut(source, out, buildFor);
    console.log(`${name} built in ${out}`);
  });
}

async function layOut(source: string, out: string, buildFor: string) {
  const [architecture] = architecturesOf([buildFor]);
  const runtime = await runtimeOf(architecture);
  return layOutCharm(source, out, { architecture, runtime, copy: true });
}
