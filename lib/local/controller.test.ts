import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  applyConfigMap,
  applyService,
  type Cluster,
  deleteService,
  getConfigMap,
  getLoadBalancer,
  getStatefulSet,
  inCluster,
  patchStatefulSetResources,
  serviceAccountDir,
} from "../kubernetes/index.ts";
import type { LogLine } from "./api.ts";
import type { LocalClient } from "./client.ts";
import {
  ask,
  deployHello,
  helloCharm,
  helloImage,
  isActive,
  onUnit,
  testController,
  until,
} from "./testdata/kit.ts";

const controller = testController();
let client: LocalClient;
let addresses: { service: string; units: string[] };

beforeAll(async () => {
  client = await controller.connect();
  await deployHello(client, 2);
  const status = await until(client, (now) => isActive(now, "hello", "hi"));
  const hello = status.applications["hello"];
  addresses = {
    service: hello?.address ?? "",
    units: Object.values(hello?.units ?? {}).map((unit) => unit.address ?? ""),
  };
});

afterAll(() => controller.end(), 60_000);

test("a hook's environment is exactly Juju's, with the four variables of the local model", async () => {
  const text = await onUnit(client, "hello/0", "cat start-environment");
  const names = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("=")[0]);
  const shell = ["PWD", "SHLVL", "_", "OLDPWD"];
  expect(names.filter((name) => !shell.includes(name ?? ""))).toEqual([
    "APT_LISTCHANGES_FRONTEND",
    "CHARMED_IAP_CONTAINERS",
    "CHARM_DIR",
    "CLOUD_API_VERSION",
    "DEBIAN_FRONTEND",
    "JUJU_AGENT_SOCKET_ADDRESS",
    "JUJU_AGENT_SOCKET_NETWORK",
    "JUJU_API_ADDRESSES",
    "JUJU_AVAILABILITY_ZONE",
    "JUJU_CHARM_DIR",
    "JUJU_CHARM_FTP_PROXY",
    "JUJU_CHARM_HTTPS_PROXY",
    "JUJU_CHARM_HTTP_PROXY",
    "JUJU_CHARM_NO_PROXY",
    "JUJU_CHARM_TRACE_CONFIG_CA_CERT",
    "JUJU_CHARM_TRACE_CONFIG_GRPC",
    "JUJU_CHARM_TRACE_CONFIG_HTTP",
    "JUJU_CONTEXT_ID",
    "JUJU_DISPATCH_PATH",
    "JUJU_HOOK_NAME",
    "JUJU_MACHINE_ID",
    "JUJU_MODEL_NAME",
    "JUJU_MODEL_UUID",
    "JUJU_PRINCIPAL_UNIT",
    "JUJU_UNIT_NAME",
    "JUJU_VERSION",
    "KUBERNETES_PORT",
    "KUBERNETES_PORT_443_TCP",
    "KUBERNETES_PORT_443_TCP_ADDR",
    "KUBERNETES_PORT_443_TCP_PORT",
    "KUBERNETES_PORT_443_TCP_PROTO",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "KUBERNETES_SERVICE_PORT_HTTPS",
    "LANG",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "PATH",
    "SSL_CERT_FILE",
    "TERM",
  ]);
});

test("two units listen on one port, each on its own address, which callers see as theirs", async () => {
  const [first, second] = addresses.units;
  expect(await ask(`http://${first}:8080/`)).toContain("hello/0 hi");
  expect(await ask(`http://${second}:8080/`)).toContain("hello/1 hi");
  const seen = await ask(`http://${first}:8080/?url=http://hello-1.hello-endpoints:8080/`);
  expect(seen).toBe(`hello/1 hi from ${first}`);
});

test("the service address spreads connections over the units", async () => {
  await ask(`http://${addresses.service}:8080/`);
  const answers = new Set<string>();
  for (let i = 0; i < 4; i += 1) {
    const response = await fetch(`http://${addresses.service}:8080/`, { headers: { connection: "close" } });
    answers.add((await response.text()).split(" ")[0] ?? "");
  }
  expect([...answers].sort()).toEqual(["hello/0", "hello/1"]);
});

test.each(["hello", "hello.iam", "hello.iam.svc.cluster.local", "localhost"])(
  "a unit finds %s",
  async (name) => {
    const [first] = addresses.units;
    expect(await ask(`http://${first}:8080/?url=http://${name}:8080/`)).toMatch(/^hello\/[01] hi/);
  },
);

test("an action tells its log while it runs, and its results", async () => {
  const { operation, tasks } = await client.call("run", {
    units: ["hello/leader"],
    action: "greet",
    params: { name: "ann" },
  });
  const progress: unknown[] = [];
  const ids = tasks.map(({ id }) => id);
  const done = await client.call("wait", { tasks: ids }, { onProgress: (step) => progress.push(step) });
  expect(done.timedOut).toBe(false);
  expect(done.tasks[0]).toMatchObject({
    operation,
    status: "completed",
    results: { greeting: "hello ann", "return-code": 0 },
  });
  expect(progress).toEqual([
    expect.objectContaining({ kind: "log", message: "thinking" }),
    expect.objectContaining({ kind: "done" }),
  ]);
});

test("a command runs in a unit's hook context", async () => {
  expect(await onUnit(client, "hello/leader", "is-leader && config-get message")).toBe("True\nhi\n");
});

test("the debug log has what hooks print to standard error, and filters", async () => {
  const lines: LogLine[] = [];
  const filter = { replay: true, include: ["hello/1"], level: "WARNING" };
  await client.call("debugLog", filter, { onProgress: (line) => lines.push(line) });
  expect(lines).toEqual([
    expect.objectContaining({
      entity: "unit-hello-1",
      level: "WARNING",
      module: "unit.hello/1.install",
      message: "to the debug log",
    }),
  ]);
});

test("relations carry data between applications, names across units", async () => {
  await deployHello(client, 1, "second");
  await client.call("integrate", { endpoints: ["second:upstream", "hello:site"] });
  await until(client, (now) => isActive(now, "second") && isActive(now, "hello"));
  await expect.poll(() => onUnit(client, "second/0", "cat upstream")).toContain("url: http://127.");
  await client.call("removeApplication", { application: "second" });
  await until(client, (now) => now.applications["second"] === undefined);
});

test.each([
  [
    "deploy",
    { charm: helloCharm, resources: { "app-image": helloImage } },
    /^cannot add application "hello": application already exists\ndeploy application using an alias name:/,
  ],
  ["deploy", { charm: "/nowhere/web.charm" }, /^no charm was found at "\/nowhere\/web.charm"$/],
  ["deploy", { charm: helloCharm, application: "other" }, /^local charm missing OCI images for: app-image$/],
  [
    "deploy",
    { charm: helloCharm, application: "other", resources: { "app-image": "docker.io/library/busybox:1.37" } },
    /^Cannot run the image docker\.io\/library\/busybox:1\.37 here: .* app-image should be a folder with a "bin"$/,
  ],
  ["setConfig", { application: "hello", set: { nope: "1" } }, /^unknown option "nope"$/],
  ["addModel", { name: "iam" }, /^failed to create new model: model "iam" for admin already exists$/],
  ["switch", { model: "nope" }, /^"nope" is not the name of a model or controller$/],
] as const)("%s refuses in Juju's words: %o", async (method, params, text) => {
  const before = JSON.stringify((await client.call("status", {})).applications);
  const refused = client.call(method, params as never);
  await expect(refused).rejects.toMatchObject({
    name: "LocalError",
    exitCode: 1,
    message: expect.stringMatching(text),
  });
  expect(JSON.stringify((await client.call("status", {})).applications)).toBe(before);
});

async function kubernetesOf(unit: string): Promise<Cluster> {
  const text = await onUnit(client, unit, "env");
  return inCluster({ env: parseEnv(text) });
}

test("a trusted application publishes a load balancer, which spreads over its units", async () => {
  const cluster = await kubernetesOf("hello/0");
  const service = {
    metadata: { name: "hello-lb" },
    spec: {
      type: "LoadBalancer",
      selector: { "app.kubernetes.io/name": "hello" },
      ports: [{ name: "web", port: 4321, targetPort: 8080 }],
    },
  };
  await expect(applyService(cluster, service, "hello")).rejects.toMatchObject({
    status: 403,
    outcome: "blocked",
  });
  await client.call("trust", { application: "hello", trust: true });
  await applyService(cluster, service, "hello");
  const balancer = await getLoadBalancer(cluster, "hello-lb");
  expect(balancer?.address).toBe("hello.iam.localhost");
  const [{ port = 0 } = {}] = balancer?.ports ?? [];
  expect(await client.call("published", {})).toEqual([
    { model: "iam", service: "hello-lb", hostname: "hello.iam.localhost", port, servicePort: 4321 },
  ]);
  expect(await ask(`http://127.0.0.1:${port}/`)).toMatch(/^hello\/[01] hi/);
  const inside = `http://any.hello.iam.localhost:${port}/`;
  const seen = await ask(`http://${addresses.units[0]}:8080/?url=${inside}`);
  expect(seen).toMatch(new RegExp(`^hello/[01] hi from ${addresses.units[0]?.replaceAll(".", "\\.")}$`));
  await deleteService(cluster, "hello-lb");
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
});

test("config maps and resource limits are kept, with the rights of the application", async () => {
  const cluster = await kubernetesOf("hello/0");
  await applyConfigMap(cluster, { metadata: { name: "rules" }, data: { a: "1", b: "2" } }, "hello");
  await applyConfigMap(cluster, { metadata: { name: "rules" }, data: { a: "3" } }, "hello");
  expect((await getConfigMap(cluster, "rules"))?.data).toEqual({ a: "3" });
  const limits = { name: "hello", container: "app", resources: { limits: { memory: "512Mi" } } };
  expect(await patchStatefulSetResources(cluster, limits)).toBe(true);
  expect(await patchStatefulSetResources(cluster, limits)).toBe(false);
  const set = await getStatefulSet(cluster, "hello");
  expect(set?.spec?.template.spec?.containers.map(({ name }) => name)).toEqual(["charm", "app"]);
  await expect(getConfigMap({ ...cluster, namespace: "other" }, "rules")).resolves.toBeUndefined();
  const forged = inCluster({
    env: parseEnv(await onUnit(client, "hello/0", "env")),
    serviceAccount: forgedAccount(parseEnv(await onUnit(client, "hello/0", "env"))),
  });
  await expect(getConfigMap(forged, "rules")).rejects.toMatchObject({ status: 401 });
});

function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]),
  );
}

function forgedAccount(env: Record<string, string>): string {
  const folder = join(controller.folder, "forged");
  mkdirSync(folder);
  for (const name of ["ca.crt", "namespace"])
    copyFileSync(join(serviceAccountDir(env), name), join(folder, name));
  writeFileSync(join(folder, "token"), "guessed");
  return folder;
}

test("storage and configuration outlive a refresh, files of the container do not", async () => {
  const root = join(controller.env["CHARMED_IAP_STATE"] ?? "", "models/iam/hello-0/containers/app");
  await onUnit(client, "hello/0", `echo kept > ${root}/srv/data/file; echo lost > ${root}/etc/file`);
  await client.call("setConfig", { application: "hello", set: { message: "two" } });
  await client.call("refresh", {
    application: "hello",
    path: helloCharm,
    resources: { "app-image": helloImage },
  });
  const pod = () => onUnit(client, "hello/0", "cat hooks-run");
  await expect.poll(pod).toMatch(/^hooks\/upgrade-charm\n[\s\S]*pebble-ready/);
  await until(client, (now) => isActive(now, "hello", "two"));
  expect(readFileSync(`${root}/srv/data/file`, "utf8")).toBe("kept\n");
  expect(() => readFileSync(`${root}/etc/file`, "utf8")).toThrow("ENOENT");
  expect(await ask(`http://${addresses.units[0]}:8080/`)).toContain("hello/0 two");
});

test("scaled to nothing and up again while the unit goes, a new unit of its name comes up", async () => {
  await client.call("scale", { application: "hello", units: 0 });
  await client.call("scale", { application: "hello", units: 2 });
  await until(client, (now) => {
    const units = Object.values(now.applications["hello"]?.units ?? {});
    return units.length === 2 && units.every(({ workload }) => workload.status === "active");
  });
});

test("scaled down, the highest unit goes with its files; a destroyed model leaves nothing", async () => {
  const state = controller.env["CHARMED_IAP_STATE"] ?? "";
  await client.call("scale", { application: "hello", units: 1 });
  await until(client, (now) => Object.keys(now.applications["hello"]?.units ?? {}).length === 1);
  await expect.poll(() => existsSync(join(state, "models/iam/hello-1"))).toBe(false);
  await expect(fetch(`http://${addresses.units[1]}:8080/`)).rejects.toThrow("fetch failed");

  await client.call("addModel", { name: "other", switch: false });
  await client.call("deploy", { model: "other", charm: helloCharm, resources: { "app-image": helloImage } });
  const left: number[] = [];
  await client.call(
    "destroyModel",
    { model: "other" },
    { onProgress: ({ applications }) => left.push(applications) },
  );
  expect(left.at(-1)).toBe(0);
  expect((await client.call("models", {})).models.map(({ name }) => name)).toEqual(["iam"]);
  expect(existsSync(join(state, "models/other"))).toBe(false);
});
