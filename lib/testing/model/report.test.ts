import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { active, defineCharm } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { FakeModel, SettleError } from "charmed-iap/testing";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { keeper, reader, worker } from "./testdata/charms.ts";

const folder = mkdtempSync(path.join(tmpdir(), "reports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function told(): Promise<FakeModel> {
  const model = new FakeModel({ name: "iam", seed: 4 });
  model.deploy(keeper);
  model.deploy(reader);
  model.deploy(worker, "worker", { config: { token: model.addSecret("token", { token: "tell nobody" }) } });
  model.integrate("reader:in", "keeper:out");
  await model.settle();
  model.setConfig("reader", { follow: false });
  await model.settle();
  return model;
}

describe("report()", () => {
  test("tells what each event changed: databags, statuses, plan, options and secrets", async () => {
    const report = (await told()).report();
    const of = (title: string) => {
      const [, after = ""] = report.split(new RegExp(`\\d+\\. (?:» )?${title}[^\\n]*\\n`));
      return after.split(/\n\d+\. /)[0];
    };
    expect(report).toMatch(/^Model iam, \d+ events\n/);
    expect(of("keeper/0 out-relation-created")).toMatch(/\+ relation 0 keeper secret: secret:/);
    expect(of("keeper/0 install")).toContain("+ secret key content.password: ***");
    expect(of("setConfig reader")).toContain("+ reader config follow: false");
    expect(of("worker/0 install")).toContain("+ worker/0 work plan services.work.command: work");
    expect(report).toMatch(/~ reader\/0 status: waiting: in: waiting for keeper → active/);
    expect(report).toContain("| WARNING ");
  });

  test("keeps secret values to itself unless asked", async () => {
    const model = await told();
    expect(model.report()).not.toMatch(/first password|tell nobody/);
    expect(model.report({ reveal: true })).toContain("+ secret key content.password: first password");
    expect(model.report({ reveal: true })).toContain("+ secret token content.token: tell nobody");
  });

  test("hides a secret's value wherever a charm put it", async () => {
    const leaking = defineCharm({
      name: "leaking",
      summary: "x",
      containers: { web: { image: "i" } },
    }).implement({
      async reconcile({ secrets, containers, state }) {
        const key = await secrets.ensure("key", () => ({ password: "hunter22" }));
        const password = key?.content["password"]?.reveal() ?? "";
        state.set("copy", password);
        await containers.web.apply({
          services: { web: { command: "web", environment: { PASSWORD: password } } },
          files: {},
        });
        return active();
      },
    });
    const model = new FakeModel();
    model.deploy(leaking);
    await model.settle();
    expect(model.report()).toContain("plan services.web.environment.PASSWORD: ***");
    expect(model.report()).not.toContain("hunter22");
  });

  test("says how hooks ended: failed, killed, or lost with their unit", async () => {
    let [healthy, killed] = [false, false];
    const kill = () => {
      killed = true;
      model.killUnit("web/0");
    };
    const failing = defineCharm({ name: "web", summary: "x" }).implement({
      reconcile() {
        if (!healthy) throw new Error("not yet");
        return active();
      },
    });
    const model = new FakeModel();
    model.deploy(failing);
    await model.step("web/0");
    healthy = true;
    model.resolved("web/0");
    model.killNextHook("web/0", 0);
    await model.step("web/0");
    await model.settle({ onEvent: (event) => event === "web/0 start" && !killed && kill() });
    const report = model.report();
    for (const end of ["web/0 install (failed)", "web/0 install (killed)", "web/0 start (lost)"]) {
      expect(report).toContain(end);
    }
  });
});

describe("writeReport()", () => {
  test("a page that needs nothing from elsewhere and lets no text become markup", async () => {
    const model = await told();
    const odd = defineCharm({ name: "odd", summary: "x" }).implement({
      reconcile: () => active('<img src=x onerror="alert(1)">'),
    });
    model.deploy(odd);
    await model.settle();
    const file = path.join(folder, "report.html");
    model.writeReport(file);
    const page = readFileSync(file, "utf8");
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    expect(page).not.toMatch(/<img|(?:src|href)="(?!#)|@import|url\(/);
    expect(page).toContain("content-security-policy\" content=\"default-src 'none'");
    expect(page.match(/<article /g)).toHaveLength(page.match(/<li><a /g)?.length ?? -1);
    expect(page).not.toMatch(/first password|tell nobody/);
  });

  test("text for any other name", async () => {
    const model = await told();
    model.writeReport(path.join(folder, "report.txt"));
    expect(readFileSync(path.join(folder, "report.txt"), "utf8")).toBe(model.report());
  });

  test("a test that fails leaves the histories of its models, where that is asked for; not those of another file", () => {
    const root = path.resolve(import.meta.dirname, "../../..");
    const inside = mkdtempSync(path.join(import.meta.dirname, "testdata", "failing-"));
    try {
      for (const name of ["one", "two"]) {
        writeFileSync(
          path.join(inside, `${name}.test.ts`),
          `import { FakeModel } from "charmed-iap/testing";
import { afterAll, expect, test } from "vitest";
import { keeper } from "../charms.ts";
const fails = async () => {
  const model = new FakeModel({ name: "${name}" });
  model.deploy(keeper);
  await model.settle();
  expect(model.status()).toEqual({});
};
test("${name}: / fails", fails);
test("passes", () => { new FakeModel(); });
test("${name} again", fails);
afterAll(() => { new FakeModel(); });
`,
        );
      }
      const reports = path.join(folder, "failed");
      const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
      const ran = spawnSync(process.execPath, [vitest, "run", path.relative(root, inside)], {
        cwd: root,
        env: { ...process.env, CHARMED_IAP_REPORTS: reports, VITEST_MAX_WORKERS: "1" },
        encoding: "utf8",
      });
      const names = ["one_again-1", "one_fails-1", "two_again-1", "two_fails-1"];
      expect(readdirSync(reports).sort()).toEqual(names.flatMap((name) => [`${name}.html`, `${name}.txt`]));
      for (const name of ["one", "two"]) {
        expect(ran.stderr).toContain(`The history of model "${name}" is in`);
        const text = readFileSync(path.join(reports, `${name}_fails-1.txt`), "utf8");
        expect(text).toContain(`Model ${name}, `);
        expect(text).toContain("keeper/0 install");
      }
    } finally {
      rmSync(inside, { recursive: true, force: true });
    }
  });
});

describe("settle()", () => {
  const pong = defineInterface({
    name: "pong",
    version: 0,
    provider: databag(v.object({ n: v.string() })),
    requirer: databag(v.object({ m: v.string() })),
  });
  const provider = defineCharm({
    name: "ping",
    summary: "x",
    provides: { out: pong.provider({ optional: true }) },
  }).implement({
    reconcile({ relations }) {
      for (const { publish, data } of relations.out.ready) publish({ n: String(Number(data.m) + 1) });
      return active();
    },
  });
  const requirer = defineCharm({
    name: "pong",
    summary: "x",
    requires: { in: pong.requirer({ limit: 1 }) },
  }).implement({
    reconcile({ relations }) {
      const { in: one } = relations;
      one.publish({ m: one.state === "ready" ? String(Number(one.data.n) + 1) : "0" });
      return active();
    },
  });

  test("explains charms that answer each other for ever with what they write", async () => {
    const model = new FakeModel({ seed: 3 });
    model.deploy(provider);
    model.deploy(requirer);
    model.integrate("pong:in", "ping:out");
    const error = (await model.settle({ maxEvents: 60 }).catch((thrown: unknown) => thrown)) as SettleError;
    expect(error).toBeInstanceOf(SettleError);
    expect(error.repeated).toEqual([
      expect.stringMatching(
        /^relation 0 p[io]ng: [nm]: \d+ → \d+ \(by p[io]ng\/0 (in|out)-relation-changed\)$/,
      ),
      expect.stringMatching(
        /^relation 0 p[io]ng: [nm]: \d+ → \d+ \(by p[io]ng\/0 (in|out)-relation-changed\)$/,
      ),
    ]);
    expect(error.message).toContain("written again and again:\n  relation 0 ");
  });

  test("stops at a breakpoint, and goes on from there as if it had not", async () => {
    const whole = await told();
    const model = new FakeModel({ name: "iam", seed: 4 });
    model.deploy(keeper);
    model.deploy(reader);
    model.deploy(worker, "worker", { config: { token: model.addSecret("token", { token: "tell nobody" }) } });
    model.integrate("reader:in", "keeper:out");
    expect(await model.settle({ until: "keeper/0 install" })).toBe("keeper/0 install");
    expect(model.secrets("keeper")["key"]).toBeDefined();
    const stops: (string | undefined)[] = [];
    for (;;) {
      const stop = await model.settle({ until: (event) => event.startsWith("reader/0") });
      if (stop === undefined) break;
      stops.push(stop);
    }
    expect(stops.length).toBeGreaterThan(3);
    expect(whole.trace.slice(0, model.trace.length)).toEqual(model.trace);
  });
});
