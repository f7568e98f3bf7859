import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, commandFolder, type Kind, type Respond, type Served, serve } from "./fixtures/agent.ts";
import { HOOK_COMMANDS, type HookCommands, hookCommands, sensitive } from "./index.ts";

/** Command line as Juju gets it, standard input if any, what Juju prints, what the function gives. */
type Row = readonly [
  title: string,
  call: (juju: HookCommands) => Promise<unknown>,
  line: string,
  printed: string,
  result: unknown,
  stdin?: string,
];

const uri = "secret://4e5b6a0e-5d77-4b1a-8d4b-5f9f9f9f9f9f/9m4e2mr0ui3e8a215n4g";

const rows: readonly Row[] = [
  [
    "configGet() gives typed values",
    (j) => j.configGet(),
    "config-get --format=json",
    '{"a":1.5,"b":true,"c":"x"}\n',
    { a: 1.5, b: true, c: "x" },
  ],
  ["configGet() takes null for an empty map", (j) => j.configGet(), "config-get --format=json", "null\n", {}],
  [
    "configGetAll() has those that are not set, too",
    (j) => j.configGetAll(),
    "config-get --format=json --all",
    '{"a":null,"b":"x"}\n',
    { a: null, b: "x" },
  ],
  ["isLeader() gives a boolean", (j) => j.isLeader(), "is-leader --format=json", "true\n", true],
  [
    "jujuLog() passes a message that looks like an option",
    (j) => j.jujuLog("DEBUG", "--x\ny"),
    "juju-log --log-level DEBUG -- --x\ny",
    "",
    undefined,
  ],
  [
    "applicationVersionSet() passes an empty text",
    (j) => j.applicationVersionSet(""),
    "application-version-set -- ",
    "",
    undefined,
  ],
  [
    "goalState() fills in what is absent",
    (j) => j.goalState(),
    "goal-state --format=json",
    '{"units":{"web/0":{"status":"active","since":"2026-01-02 03:04:05Z"}}}\n',
    { units: { "web/0": { status: "active", since: "2026-01-02 03:04:05Z" } }, relations: {} },
  ],
  [
    "resourceGet() gives the path",
    (j) => j.resourceGet("image"),
    "resource-get -- image",
    "/var/lib/juju/image/content.yaml",
    "/var/lib/juju/image/content.yaml",
  ],
  [
    "unitGet() gives the address",
    (j) => j.unitGet("private-address"),
    "unit-get --format=json private-address",
    '"10.1.2.3"\n',
    "10.1.2.3",
  ],
  ["reboot() can be at once", (j) => j.reboot({ now: true }), "juju-reboot --now", "", undefined],
  [
    "networkGet() fills in empty lists",
    (j) => j.networkGet({ binding: "db", relation: "db:1" }),
    "network-get --format=json -r db:1 -- db",
    '{"ingress-addresses":["10.0.0.1"]}\n',
    { "bind-addresses": [], "egress-subnets": [], "ingress-addresses": ["10.0.0.1"] },
  ],
  [
    "relationIds() gives ids",
    (j) => j.relationIds("db"),
    "relation-ids --format=json -- db",
    '["db:1","db:10"]\n',
    ["db:1", "db:10"],
  ],
  [
    "relationList() gives units",
    (j) => j.relationList(1),
    "relation-list --format=json -r 1",
    '["pg/0"]\n',
    ["pg/0"],
  ],
  [
    "relationRemoteApp() gives the application",
    (j) => j.relationRemoteApp("db:1"),
    "relation-list --format=json -r db:1 --app",
    '"pg"\n',
    "pg",
  ],
  [
    "relationGet() reads an application's databag",
    (j) => j.relationGet({ relation: 1, target: "pg", app: true }),
    "relation-get --format=json -r 1 --app -- - pg",
    '{"k":"v\\n"}\n',
    { k: "v\n" },
  ],
  [
    "relationGet() takes null for an empty databag",
    (j) => j.relationGet({ relation: 1, target: "pg/0" }),
    "relation-get --format=json -r 1 -- - pg/0",
    "null\n",
    {},
  ],
  [
    "relationSet() sends values on standard input, null deletes",
    (j) => j.relationSet({ relation: 1, app: true, data: { a: " x\n", b: null } }),
    "relation-set -r 1 --app --file -",
    "",
    undefined,
    '{"a":" x\\n","b":""}',
  ],
  [
    "relationModelGet() gives the uuid",
    (j) => j.relationModelGet(1),
    "relation-model-get --format=json -r 1",
    '{"uuid":"u"}\n',
    { uuid: "u" },
  ],
  [
    "statusGet() gives status, message and data",
    (j) => j.statusGet(),
    "status-get --format=json --include-data --application=false",
    '{"message":"m","status":"active","status-data":{"a":1}}\n',
    { status: "active", message: "m", data: { a: 1 } },
  ],
  [
    "applicationStatusGet() gives the units too",
    (j) => j.applicationStatusGet(),
    "status-get --format=json --include-data --application=true",
    '{"application-status":{"message":"","status":"active","status-data":{},"units":{"web/0":{"message":"m","status":"waiting","status-data":{}}}}}\n',
    {
      status: "active",
      message: "",
      data: {},
      units: { "web/0": { status: "waiting", message: "m", data: {} } },
    },
  ],
  [
    "statusSet() passes a message that looks like an option",
    (j) => j.statusSet({ status: "blocked", message: "-x" }),
    "status-set --application=false blocked -- -x",
    "",
    undefined,
  ],
  [
    "secretAdd() hands content over and gives the URI",
    (j) =>
      j.secretAdd({
        content: { password: sensitive("hunter2"), raw: Uint8Array.of(0, 255) },
        label: "-l",
        rotate: "daily",
        expire: new Date(0),
        owner: "unit",
        description: "d",
      }),
    "secret-add --label=-l --description=d --rotate=daily --expire=1970-01-01T00:00:00.000Z --owner unit password#base64=aHVudGVyMg== raw#base64=AP8=",
    `${uri}\n`,
    uri,
  ],
  [
    "secretSet() changes metadata alone",
    (j) => j.secretSet({ id: uri, label: "l" }),
    `secret-set --label=l ${uri}`,
    "",
    undefined,
  ],
  [
    "secretSet() replaces content",
    (j) => j.secretSet({ id: uri, content: { key: "v" } }),
    `secret-set ${uri} key#base64=dg==`,
    "",
    undefined,
  ],
  [
    "secretGet() gives values that do not print",
    async (j) => {
      const { pw } = await j.secretGet({ id: uri, label: "l", revision: "refresh" });
      return [String(pw), pw?.reveal()];
    },
    `secret-get --format=json --label=l --refresh -- ${uri}`,
    '{"pw":"x"}\n',
    ["***", "x"],
  ],
  [
    "secretGetBytes() gives bytes",
    async (j) => (await j.secretGetBytes({ id: uri, key: "raw" })).reveal(),
    `secret-get --format=json -- ${uri} raw#base64`,
    '"AP8="\n',
    Uint8Array.of(0, 255),
  ],
  [
    "secretInfoGet() gives metadata with the id",
    (j) => j.secretInfoGet({ label: "l" }),
    "secret-info-get --format=json --label=l",
    '{"9m4e":{"revision":2,"label":"l","owner":"unit"}}\n',
    { id: "9m4e", revision: 2, label: "l", owner: "unit" },
  ],
  ["secretIds() sorts", (j) => j.secretIds(), "secret-ids --format=json", '["b","a"]\n', ["a", "b"]],
  ["secretIds() takes null for none", (j) => j.secretIds(), "secret-ids --format=json", "null\n", []],
  [
    "secretGrant() names the relation",
    (j) => j.secretGrant({ id: uri, relation: 3, unit: "pg/0" }),
    `secret-grant --relation 3 --unit pg/0 -- ${uri}`,
    "",
    undefined,
  ],
  [
    "secretRevoke() names the relation",
    (j) => j.secretRevoke({ id: uri, relation: "db:3" }),
    `secret-revoke --relation db:3 -- ${uri}`,
    "",
    undefined,
  ],
  [
    "secretRevoke() names an application",
    (j) => j.secretRevoke({ id: uri, app: "pg" }),
    `secret-revoke --app pg -- ${uri}`,
    "",
    undefined,
  ],
  [
    "secretRevoke() names a unit",
    (j) => j.secretRevoke({ id: uri, unit: "pg/0" }),
    `secret-revoke --unit pg/0 -- ${uri}`,
    "",
    undefined,
  ],
  [
    "secretRemove() can name a revision",
    (j) => j.secretRemove({ id: uri, revision: 2 }),
    `secret-remove --revision 2 -- ${uri}`,
    "",
    undefined,
  ],
  [
    "openPort() spells a range",
    (j) => j.openPort({ from: 80, to: 90, protocol: "udp" }, { endpoints: ["a", "b"] }),
    "open-port --endpoints a,b 80-90/udp",
    "",
    undefined,
  ],
  ["openPort() spells icmp", (j) => j.openPort({ protocol: "icmp" }), "open-port icmp", "", undefined],
  ["closePort() takes tcp unless told", (j) => j.closePort({ from: 80 }), "close-port 80/tcp", "", undefined],
  [
    "openedPorts() reads ranges",
    (j) => j.openedPorts(),
    "opened-ports --format=json",
    '["22/tcp","80-90/udp","icmp"]\n',
    [
      { protocol: "tcp", from: 22, to: 22 },
      { protocol: "udp", from: 80, to: 90 },
      { protocol: "icmp", from: 0, to: 0 },
    ],
  ],
  [
    "openedPortsByEndpoint() says for which",
    (j) => j.openedPortsByEndpoint(),
    "opened-ports --format=json --endpoints",
    '["22/tcp (*)","80-90/udp (a, b)"]\n',
    [
      { protocol: "tcp", from: 22, to: 22, endpoints: [] },
      { protocol: "udp", from: 80, to: 90, endpoints: ["a", "b"] },
    ],
  ],
  [
    "leaderGet() gives the settings",
    (j) => j.leaderGet(),
    "leader-get --format=json",
    '{"a":"1"}\n',
    { a: "1" },
  ],
  [
    "leaderSet() passes pairs",
    (j) => j.leaderSet({ a: "x=y", b: "" }),
    "leader-set -- a=x=y b=",
    "",
    undefined,
  ],
  [
    "payloadRegister() names type, class, id and tags",
    (j) => j.payloadRegister({ type: "docker", class: "web", id: "1", tags: ["a", "b"] }),
    "payload-register -- docker web 1 a b",
    "",
    undefined,
  ],
  [
    "payloadStatusSet() names class, id and status",
    (j) => j.payloadStatusSet({ class: "web", id: "1", status: "started" }),
    "payload-status-set -- web 1 started",
    "",
    undefined,
  ],
  [
    "payloadUnregister() names class and id",
    (j) => j.payloadUnregister({ class: "web", id: "1" }),
    "payload-unregister -- web 1",
    "",
    undefined,
  ],
  ["k8sSpecGet() gives the text", (j) => j.k8sSpecGet(), "k8s-spec-get", "a: 1\n", "a: 1\n"],
  ["k8sRawGet() gives the text", (j) => j.k8sRawGet(), "k8s-raw-get", "a: 1\n", "a: 1\n"],
  ["podSpecGet() gives the text", (j) => j.podSpecGet(), "pod-spec-get", "a: 1\n", "a: 1\n"],
  [
    "k8sSpecSet() sends it on standard input",
    (j) => j.k8sSpecSet("a: 1"),
    "k8s-spec-set --file -",
    "",
    undefined,
    "a: 1",
  ],
  [
    "k8sRawSet() sends it on standard input",
    (j) => j.k8sRawSet("a: 1"),
    "k8s-raw-set --file -",
    "",
    undefined,
    "a: 1",
  ],
  [
    "podSpecSet() sends it on standard input",
    (j) => j.podSpecSet("a: 1"),
    "pod-spec-set --file -",
    "",
    undefined,
    "a: 1",
  ],
  [
    "stateGet() gives the value",
    (j) => j.stateGet("-k"),
    "state-get --format=json --strict -- -k",
    '"v"\n',
    "v",
  ],
  ["stateGetAll() takes null for none", (j) => j.stateGetAll(), "state-get --format=json", "null\n", {}],
  [
    "stateSet() sends values on standard input",
    (j) => j.stateSet({ k: "\u2028é" }),
    "state-set --file -",
    "",
    undefined,
    '{"k":"\\u2028é"}',
  ],
  ["stateDelete() names the key", (j) => j.stateDelete("k"), "state-delete -- k", "", undefined],
  [
    "actionGet() gives parameters",
    (j) => j.actionGet(),
    "action-get --format=json",
    '{"n":1,"m":{"a":[]}}\n',
    { n: 1, m: { a: [] } },
  ],
  [
    "actionSet() passes pairs",
    (j) => j.actionSet({ "a.b": "x=y", c: "" }),
    "action-set -- a.b=x=y c=",
    "",
    undefined,
  ],
  ["actionLog() passes a message", (j) => j.actionLog("half way"), "action-log -- half way", "", undefined],
  ["actionFail() may have no message", (j) => j.actionFail(), "action-fail", "", undefined],
  [
    "storageList() gives ids",
    (j) => j.storageList("data"),
    "storage-list --format=json -- data",
    '["data/0"]\n',
    ["data/0"],
  ],
  [
    "storageGet() gives kind and location",
    (j) => j.storageGet("data/0"),
    "storage-get --format=json -s data/0",
    '{"kind":"filesystem","location":"/d"}\n',
    { kind: "filesystem", location: "/d" },
  ],
  ["storageAdd() passes counts", (j) => j.storageAdd({ data: 2 }), "storage-add -- data=2", "", undefined],
  [
    "credentialGet() hides the credential",
    async (j) => {
      const { type, credential } = await j.credentialGet();
      return [type, `${credential?.attrs["Token"]}`, credential?.attrs["Token"]?.reveal()];
    },
    "credential-get --format=json",
    '{"type":"kubernetes","name":"k","credential":{"auth-type":"oauth2","attrs":{"Token":"t"}}}\n',
    ["kubernetes", "***", "t"],
  ],
];

test("every hook command of every Juju has a function, and a row here", () => {
  const called = new Set(rows.map(([, , line]) => line.split(" ")[0]));
  expect([...called].sort()).toEqual(HOOK_COMMANDS["3.6"]);
});

/** Answers the row's command line as printed; any other as Juju answers wrong arguments. */
function scripted(): { respond: Respond; expectRow: (row: Row) => void } {
  const known = new Map<string, Row>();
  return {
    expectRow: (row) => known.set(row[2], row),
    respond({ command, args, stdin }) {
      const line = [command, ...args].join(" ");
      const row = known.get(line);
      if (row === undefined) return answer("", 2, `ERROR unexpected: ${line}\n`);
      const [, , , printed, , input] = row;
      if (input !== undefined && stdin === undefined) return "needs stdin";
      if (input === undefined || input === new TextDecoder().decode(stdin)) return answer(printed);
      return answer("", 1, `ERROR unexpected input: ${new TextDecoder().decode(stdin)}\n`);
    },
  };
}

let commands: string;
beforeAll(async () => {
  commands = await commandFolder();
});
afterAll(() => rm(commands, { recursive: true }));

describe.each(["inProcess", "agentSocket", "executables"] satisfies Kind[])("%s", (kind) => {
  const script = scripted();
  let served: Served;
  beforeAll(async () => {
    served = await serve(kind, script.respond, commands);
  });
  afterAll(() => served.close());

  for (const row of rows) {
    const [title, call, , , result] = row;
    test(title, async () => {
      script.expectRow(row);
      expect(await call(hookCommands(served.transport))).toEqual(result);
    });
  }

  test("many questions at once get their own answers", async () => {
    for (const row of rows) script.expectRow(row);
    const juju = hookCommands(served.transport);
    const answers = await Promise.all([juju.isLeader(), juju.relationIds("db"), juju.storageList("data")]);
    expect(answers).toEqual([true, ["db:1", "db:10"], ["data/0"]]);
  });
});
