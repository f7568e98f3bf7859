import { active, ContainerUnreachableError, type Context, defineCharm, type Status } from "charmed-iap/charm";
import { describe, expect, test } from "vitest";
import type { HookWorld } from "../model/world.ts";
import { oauth, proxyPeers } from "./testdata/interfaces.ts";
import { recorded } from "./testdata/recorder.ts";

const contract = defineCharm({
  name: "web",
  summary: "Writes everything.",
  config: {},
  requires: { oauth: oauth.requirer({ limit: 1 }) },
  peers: { peers: proxyPeers.peer() },
});
type Ctx = Context<typeof contract.contract>;
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });

const relation = { members: [], interface: "oauth" } as const;
const world = {
  model: { name: "m", uuid: "u", type: "caas" },
  unit: "web/0",
  leader: true,
  config: {},
  relations: [
    {
      ...relation,
      id: 3,
      key: "web:oauth hydra:oauth",
      endpoint: "oauth",
      role: "requirer",
      "remote-app": "hydra",
      data: { web: {}, hydra: {}, "web/0": {} },
    },
    {
      ...relation,
      id: 1,
      key: "web:peers",
      endpoint: "peers",
      role: "peer",
      "remote-app": "web",
      data: { web: {}, "web/0": {} },
    },
  ],
  hook: { kind: "update-status" },
  secrets: [
    {
      id: "0000000000000000000a",
      owner: "application-web",
      label: "old",
      revision: 1,
      readable: true,
      content: { "1": { value: "b2xk" } },
    },
  ],
} as const satisfies HookWorld;

const everything = doing(async (ctx) => {
  ctx.setWorkloadVersion("1.2");
  ctx.setPorts(8080);
  ctx.state.set("a", "1");
  ctx.log.info("first");
  ctx.log.info("second");
  ctx.relations.peers.publishUnit({ address: "10.0.0.1" });
  ctx.relations.oauth.publish({ redirect_uri: "https://a.test/", scope: "s", grant_types: [] });
  const secret = await ctx.secrets.set("old", { value: "new" });
  if (secret !== undefined && ctx.relations.oauth.state !== "missing")
    ctx.secrets.grant(secret, ctx.relations.oauth);
  return active("done");
});

const isRead = (command: string) =>
  /^(is-leader|config-get|relation-(ids|list|get)|secret-(get|info-get)|opened-ports|state-get)\b/.test(
    command,
  );
const namesOf = (commands: readonly string[]) =>
  commands.filter((one) => !isRead(one)).map((one) => one.split(" ")[0]);

describe("writes", () => {
  test("are sent once, in a fixed order, the log in one call and the status last", async () => {
    const { commands, exitCode } = await recorded(everything, world);
    expect(exitCode).toBe(0);
    expect(namesOf(commands)).toEqual([
      "secret-set",
      "secret-grant",
      "relation-set",
      "relation-set",
      "open-port",
      "state-set",
      "application-version-set",
      "juju-log",
      "status-set",
    ]);
  });

  test("no question is asked twice", async () => {
    const { commands } = await recorded(everything, world);
    const reads = commands.filter(isRead);
    expect(new Set(reads).size).toBe(reads.length);
  });

  test("independent questions are asked at the same time, in three rounds", async () => {
    const rounds: string[][] = [];
    let waiting: string[] = [];
    let answer: Promise<void> | undefined;
    // Nobody is answered before everybody has asked: a charm that asks one by one makes as many rounds as questions.
    const asked = (line: string) => {
      waiting.push(line);
      answer ??= new Promise((resolve) =>
        setImmediate(() => {
          rounds.push(waiting.sort());
          [waiting, answer] = [[], undefined];
          resolve();
        }),
      );
      return answer;
    };
    await recorded(
      doing(() => active()),
      world,
      { asked },
    );
    expect(rounds.map((round) => round.map((line) => line.replace(/^(\S+)( .*)?$/, "$1")))).toEqual([
      ["is-leader", "relation-ids", "relation-ids"],
      ["relation-get", "relation-get", "relation-get", "relation-list", "relation-list"],
      ["relation-get"],
      ["status-set"],
    ]);
  });

  test.each([
    ["an error with an outcome", new ContainerUnreachableError("web"), 0, ["juju-log", "status-set"]],
    ["any other error", new Error("bug"), 1, ["juju-log"]],
  ])("after %s nothing is sent but log and status", async (_title, error, code, expected) => {
    const charm = doing((ctx) => {
      ctx.relations.oauth.publish({ redirect_uri: "https://a.test/", scope: "s", grant_types: [] });
      ctx.setPorts(1);
      ctx.state.set("a", "1");
      throw error;
    });
    const { commands, exitCode, context } = await recorded(charm, world);
    expect(exitCode).toBe(code);
    expect(namesOf(commands)).toEqual(expected);
    expect(context.commit()).toBeUndefined();
  });

  test("what is already so is not sent", async () => {
    const publishing = doing((ctx) => {
      ctx.relations.oauth.publish({ redirect_uri: "https://a.test/", scope: "s", grant_types: [] });
      ctx.setPorts();
      return active();
    });
    const said = { redirect_uri: "https://a.test/", scope: "s", grant_types: "[]" };
    const [first, second] = world.relations;
    const same = { ...world, relations: [{ ...first, data: { ...first.data, web: said } }, second] };
    expect(namesOf((await recorded(publishing, same)).commands)).toEqual(["status-set"]);
  });

  test("a charm that says nothing asks for what its contract needs, and no more", async () => {
    const { commands } = await recorded(
      doing(() => active()),
      world,
    );
    expect(commands.map((one) => one.replaceAll("--format=json ", "")).sort()).toEqual([
      "is-leader --format=json",
      "relation-get -r 1 -- - web/0",
      "relation-get -r 1 --app -- - web",
      "relation-get -r 3 --app -- - hydra",
      "relation-get -r 3 --app -- - web",
      "relation-ids -- oauth",
      "relation-ids -- peers",
      "relation-list -r 1",
      "relation-list -r 3 --app",
      "status-set --application=false active -- ",
    ]);
  });

  test("a relation that goes away while it is read is not there", async () => {
    let state = "";
    const charm = doing((ctx) => {
      state = ctx.relations.oauth.state;
      return active();
    });
    const gone = "relation-get -r 3 --app";
    expect((await recorded(charm, world, { failing: gone, text: "ERROR relation not found" })).exitCode).toBe(
      0,
    );
    expect(state).toBe("missing");
  });
});

test("a failing hook command fails the hook", async () => {
  const { exitCode } = await recorded(everything, world, { failing: "relation-set" });
  expect(exitCode).toBe(1);
});

test("an environment that is not Juju's is a failure, said on standard error", async () => {
  const { exitCode } = await recorded(everything, world, { env: { JUJU_UNIT_NAME: "" } });
  expect(exitCode).toBe(1);
});
