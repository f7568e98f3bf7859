import path from "node:path";
import { run } from "../outside.ts";
import type { Peer } from "./go-program.ts";
import { installPythonProgram } from "./installed.ts";

export const CHARMCRAFT_VERSION = "4.5.0";

/** The real charmcraft, from the Python Package Index; Canonical ships it as a snap. */
export const installCharmcraft = (): Promise<Peer> =>
  installPythonProgram({ package: "charmcraft", version: CHARMCRAFT_VERSION, file: "bin/charmcraft" });

/**
 * Charmcraft on a machine that is not the charm's base: it believes that it is, that snaps and packages are somebody
 * else's business, as in a container, and is itself in all the rest.
 */
const ELSEWHERE = `
import sys
import craft_platforms
from craft_parts import packages
from craft_parts.packages.base import DummyRepository
from craft_parts.utils import os_utils

packages.Repository = DummyRepository
os_utils.is_inside_container = lambda: True
craft_platforms.DistroBase.from_linux_distribution = classmethod(lambda cls, _: cls("ubuntu", "24.04"))

from charmcraft.application.main import main

sys.exit(main())
`;

/** Runs it in a folder. @returns What it printed on standard output. */
export function charmcraft(program: string, folder: string, ...args: string[]): Promise<string> {
  const packages = path.resolve(path.dirname(program), "..");
  return run(folder, "env", `PYTHONPATH=${packages}`, "python3", "-S", "-c", ELSEWHERE, ...args);
}
