import type { StateFault } from "../fault.ts";
import { FakePebble, type FakePebbleOptions } from "./fake-pebble.ts";
import { GivenPebble } from "./given-pebble.ts";
import type { RootedPebble } from "./rooted.ts";

/** A container before the hook: what its Pebble in memory begins with, or another Pebble. */
export interface ContainerState extends FakePebbleOptions {
  /**
   * Another Pebble than the one in memory, to which all requests of the hook go: `startPebble` starts a real one, `rooted` leads to any.
   * Its plan and files are its own, so of the other fields only `canConnect` may be given.
   */
  readonly pebble?: RootedPebble;
}

/** How each unit's container begins. */
export interface FakeContainerOptions extends FakePebbleOptions {
  /** As in a state; a function gives each unit its own, and is asked again for each new pod. */
  readonly pebble?: RootedPebble | ((unit: string) => RootedPebble);
}

/** A container's Pebble: in memory, or one that the test gave. */
export type ContainerPebble = FakePebble | GivenPebble;

const WITH_ANOTHER = ["pebble", "canConnect"];

/** What cannot be so of a container with another Pebble; paths begin at the container. */
export function givenFaults(options: FakeContainerOptions): readonly StateFault[] {
  const { pebble } = options;
  if (pebble === undefined) return [];
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  const faults = set
    .filter(([name]) => !WITH_ANOTHER.includes(name))
    .map(([name]) => ({ path: name, rule: 'is for the Pebble in memory, and "pebble" is another' }));
  const isRooted = typeof pebble === "function" || typeof pebble.root === "string";
  return isRooted ? faults : [{ path: "pebble", rule: NO_ROOT }, ...faults];
}

const NO_ROOT =
  "has no root, so files of plans would be written where this machine has its own: must be rooted(transport, folder)";

/** A container's Pebble. @throws {TypeError} When its options cannot be so. */
export function pebbleOf(name: string, options: FakeContainerOptions = {}, unit = ""): ContainerPebble {
  const { pebble } = options;
  if (pebble === undefined) return new FakePebble(name, options);
  const given = typeof pebble === "function" ? pebble(unit) : pebble;
  const [fault] = givenFaults({ ...options, pebble: given });
  if (fault !== undefined) throw new TypeError(refusal(name, fault));
  return new GivenPebble(name, given, options.canConnect);
}

/** @throws {TypeError} When an application's containers cannot begin so. */
export function checkContainers(
  containers: Readonly<Record<string, FakeContainerOptions | undefined>>,
): void {
  for (const [name, options] of Object.entries(containers)) {
    const [fault] = givenFaults(options ?? {});
    if (fault !== undefined) throw new TypeError(refusal(name, fault));
  }
}

const refusal = (name: string, { path, rule }: StateFault): string =>
  `Cannot use containers.${name}.${path}: ${rule}`;

/** Looks at those Pebbles that are not in memory. */
export async function lookAt(pebbles: Iterable<ContainerPebble>): Promise<void> {
  for (const pebble of pebbles) if (pebble instanceof GivenPebble) await pebble.look();
}
