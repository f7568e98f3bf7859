import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failure } from "./errors.ts";
import { type Answers, runJuju } from "./testdata.ts";

const golden = new URL("../../../test/golden/session/", import.meta.url);

/** Command lines of a recorded session with what was printed and the exit code, first occurrence. */
function recorded(file: string): Map<string, { text: string; code: number }> {
  const text = readFileSync(new URL(file, golden), "utf8");
  const blocks = text.split(/^\$ juju /m).slice(1);
  const entries = blocks.map((block) => {
    const [, line = "", shown = "", code] = /^(.*)\n([\s\S]*?)\[(\d+)\]\n$/.exec(block) ?? [];
    return [line, { text: shown, code: Number(code) }] as const;
  });
  return new Map(entries.reverse());
}

function task(id: string, unit: string, more: object): Answers {
  const enqueued = { operation: String(Number(id) - 1), tasks: [{ id, unit }], errors: [] };
  const report = {
    id,
    unit,
    name: "x",
    message: "",
    results: null,
    log: [],
    params: {},
    enqueued: 0,
    ...more,
  };
  return { run: () => enqueued, exec: () => enqueued, wait: () => ({ tasks: [report], timedOut: false }) };
}

function refused(id: string, problem: string): Answers {
  return task(id, "pb/0", {
    status: "error",
    message: `cannot run "bad" action: validation failed: ${problem}`,
  });
}

const deployed = (application: string, charm: string) => () => {
  return { application, charm, revision: 0, origin: "local", channel: "", base: "ubuntu@24.04" };
};

const endpoints = { "": "alpha", client: "alpha", "juju-info": "alpha", peers: "alpha", server: "alpha" };
const helloApplication = {
  charm: "hello",
  base: "ubuntu@24.04",
  constraints: { arch: "amd64" },
  principal: true,
  exposed: false,
  remote: false,
  life: "alive",
  "endpoint-bindings": { "": "alpha", "juju-info": "alpha", peers: "alpha" },
};

const operator: Readonly<Record<string, Answers>> = {
  "integrate pa:client pb:server": { integrate: () => ({}) },
  "config pb x=1": { setConfig: () => ({}) },
  "run pb/0 rotate": task("7", "pb/0", { status: "completed", results: { "return-code": 0 } }),
  "run pb/0 bad": refused("9", '(root) : "count" property is missing and required, given {}'),
  "run pb/0 bad count=x": refused("11", '(root).count : must be of type integer, given "x"'),
  "run pb/0 bad count=1 z=2": refused(
    "13",
    '(root) : additional property "z" is not allowed, given {"count":1,"z":2}',
  ),
  "run pb/0 nope": {
    run: () => {
      throw failure('action "nope" not defined for unit "pb/0". (not found)');
    },
  },
  "run pb/9 rotate": {
    run: () => ({
      operation: "14",
      tasks: [],
      errors: ['linking task to unit: getting unit UUID for "pb/9": unit "pb/9" not found'],
    }),
  },
  "resolved pa/0": { resolved: () => ({}) },
  "remove-relation pa pb": { removeRelation: () => ({}) },
  "remove-application pa --no-prompt": {
    removeApplication: () => ({ application: "pa", units: ["pa/0"], storage: [] }),
  },
};

const greeter: Readonly<Record<string, Answers>> = {
  "run hello/0 greet who=Bob": task("1", "hello/0", {
    status: "completed",
    results: { "return-code": 0, greeting: "hello Bob", stdout: "dispatch actions/greet on hello/0\n" },
  }),
  "config hello name": {
    config: () => ({ settings: { name: { value: "moon" } }, "application-config": {} }),
  },
  "show-application hello": { applications: () => ({ hello: helloApplication }) },
  "actions hello": { actions: () => ({ greet: { description: "d", schema: {} } }) },
};

const sessions = [
  ["session-4.0.txt", operator],
  ["session-4.0-hello.txt", greeter],
] as const;

for (const [file, lines] of sessions) {
  const said = recorded(file);
  test.each(Object.entries(lines))(`${file}: juju %s`, async (line, answers) => {
    const { code, both } = await runJuju(line.split(" "), answers);
    expect({ code, text: both }).toEqual(said.get(line));
  });
}

test("session-4.0.txt: deploy and refresh of local charms", async () => {
  const said = recorded("session-4.0.txt");
  const cwd = import.meta.dirname;
  const deploy = await runJuju(
    ["deploy", "./testdata.ts", "pa"],
    { deploy: deployed("pa", "probe-a") },
    { cwd },
  );
  expect(deploy.both).toBe(said.get("deploy ./probe-a.charm pa --to 0")?.text);
  const answers = {
    refresh: () => ({ ...deployed("pa", "probe-a")(), revision: 1, changed: true }),
    applications: () => ({ pa: { ...helloApplication, "endpoint-bindings": endpoints } }),
  };
  const refresh = await runJuju(["refresh", "pa", "--path", "./testdata.ts"], answers, { cwd });
  expect(refresh.both).toBe(said.get("refresh pa --path ./probe-a.charm")?.text);
});
