/**
 * Hostile calls for property tests and fuzzing: arguments of every command that mix its own words with
 * anything else.
 *
 * @module
 */

import fc from "fast-check";
import type { HookWorld } from "../../world.ts";
import { hookCommandNames } from "../commands/table.ts";
import { HookContext } from "../context.ts";
import type { JujuVersion } from "../types.ts";

/** One call. */
export interface HostileCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin: Uint8Array | undefined;
}

const words = `- -- --format --format=json --format=yaml --format=smart -o -r 1 2 db:1 web/0 web postgresql
postgresql/0 --app --app=x --all --file --file=- --label --label=l --peek --refresh --revision --rotate
daily --expire 1h 2030-01-02T03:04:05Z --owner unit application abc=v a=b a.b=c =x x= --endpoints db,ingress
80 80/tcp 1-2 icmp 70000 9m4e2mr0ui3e8a215n4g secret:9m4e2mr0ui3e8a215n5g abc#base64=!! abc#file=/f
--include-data --application --application=true active blocked --strict -s data/0 data=2 --unit --relation
--help -h --bind-address --ingress-address --primary-address __proto__ constructor __proto__=x toString
__proto__.a=1 {} [] null ~ --k8s-resources kind public-address backup target nested.a.b`.split(/\s+/);

const versions: readonly JujuVersion[] = [
  { major: 3, minor: 6 },
  { major: 4, minor: 0 },
  { major: 4, minor: 1 },
];
const names = hookCommandNames(versions[0]!);

/** Calls of one hook. */
export const hostileCalls: fc.Arbitrary<readonly HostileCall[]> = fc.array(
  fc.record({
    command: fc.oneof({ arbitrary: fc.constantFrom(...names), weight: 30 }, fc.string()),
    args: fc.array(
      fc.oneof(
        { arbitrary: fc.constantFrom(...words), weight: 4 },
        fc.string({ unit: "binary" }),
        fc.string({
          unit: fc.constantFrom("=", "-", "/", "#", ":", " ", "\n", "\u0000", "a", "0", "\ud800"),
        }),
      ),
      { maxLength: 6 },
    ),
    stdin: fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc
          .string({ unit: fc.constantFrom(..."{}[]:,&*!|>'\"%@`-? \n\tab<") })
          .map((text) => Buffer.from(text)),
      ),
      { nil: undefined },
    ),
  }),
  { maxLength: 8 },
);

/**
 * Runs the calls and says what is wrong with the answers; nothing when all is well.
 *
 * Whatever the caller sends, the context answers: exit code 0, 1 or 2, and words on standard error where
 * it is not 0. A commit can be made afterwards, and nothing reaches the prototypes of objects.
 */
export function faultOf(
  world: HookWorld,
  calls: readonly HostileCall[],
  versionIndex: number,
): string | undefined {
  const context = new HookContext({
    world,
    version: versions[versionIndex % versions.length] ?? versions[0]!,
    newSecretId: () => "9m4e2mr0ui3e8a21001g",
    now: () => new Date("2026-01-02T03:04:05Z"),
    files: { read: (path) => (path.length > 12 ? undefined : Buffer.from("a: b\n")), write: () => undefined },
  });
  for (const call of calls) {
    const answer = context.run(call.command, call.args, call.stdin, { dir: "/charm" });
    const shown = JSON.stringify([call.command, ...call.args]);
    if (![0, 1, 2].includes(answer.exitCode)) return `${shown}: exit code ${answer.exitCode}`;
    const stderr = new TextDecoder().decode(answer.stderr);
    if ((answer.exitCode !== 0) !== stderr.includes("ERROR "))
      return `${shown}: code ${answer.exitCode}, ${stderr}`;
    if (answer.needsStdin && call.stdin !== undefined) return `${shown}: asks for input it was given`;
  }
  JSON.parse(JSON.stringify([context.commit() ?? null, context.actionResult]));
  const polluted = Object.keys(Object.prototype).length > 0 || "a" in {};
  return polluted ? "an argument reached Object.prototype" : undefined;
}
