import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { active, defineCharm, option, sensitive } from "charmed-iap/charm";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tap } from "../../hook/taps.ts";
import { ingress, oauth } from "../testdata/interfaces.ts";
import { recordHook } from "../testdata/record-hook.ts";
import { parseRecording } from "./recording.ts";
import { replay } from "./replay.ts";
import { recordFolder } from "./wanted.ts";
import { MAX_FILES, writeRecording } from "./write-recording.ts";

const contract = defineCharm({
  name: "web",
  summary: "Handles secrets.",
  config: {
    key: option.secret({ description: "The key." }),
    port: option.int({ default: 1, description: "x" }),
  },
  requires: { oauth: oauth.requirer({ limit: 1 }), ingress: ingress.requirer({ limit: 1, optional: true }) },
  containers: { web: { image: "web-image" } },
});
const ID = "9m4e2mr0ui3e8a215n4g";

/** Puts a secret wherever a secret may go. */
const charm = contract.implement({
  async reconcile({ app, model, secrets, relations: { oauth, ingress }, containers, log }) {
    ingress.publish({ name: app, model, port: 8080 });
    if (oauth.state !== "ready") return oauth.status;
    const content = await secrets.get(oauth.data.client_secret_id);
    const own = await secrets.ensure("own", () => ({ value: `made up ${Math.random()}` }));
    const value = content["secret"]!;
    const derived = sensitive(`Bearer ${value.reveal()}`);
    log.info("read", { value });
    await containers.web.apply({
      services: {
        web: {
          command: "web",
          environment: { SECRET: value, DERIVED: derived, OWN: own!.content["value"]!, PLAIN: "plain" },
        },
      },
      files: {
        "/etc/secret": value,
        "/etc/secret.json": sensitive(JSON.stringify({ nested: JSON.stringify({ value: value.reveal() }) })),
        "/etc/basic": sensitive(Buffer.from(`user:${value.reveal()}`).toString("base64")),
      },
    });
    return active();
  },
});

const stateWith = (secret: string) => ({
  leader: true,
  config: { key: `secret:${ID}` },
  relations: {
    oauth: {
      remoteAppData: { issuer_url: "https://id.test", client_id: "c", client_secret_id: `secret:${ID}` },
    },
  },
  secrets: [{ id: ID, content: { secret } }],
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "recordings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a recording", () => {
  test("replays without a divergence, also where the charm makes a secret up anew", async () => {
    const { text, outcome } = await recordHook(charm, "config-changed", stateWith("hunter2-hunter2"));
    expect(outcome.exitCode).toBe(0);
    const replayed = await replay(charm, parseRecording(text!));
    expect(replayed).toEqual({
      exitCode: 0,
      status: active(),
      divergences: [],
      logs: ['INFO read value="***"'],
    });
  });

  test("has no variable that is not listed, and no value of an option of type secret", async () => {
    const { text } = await recordHook(charm, "config-changed", stateWith("hunter2-hunter2"));
    expect(text).not.toMatch(/the-token-of-the-agent|"PATH"/);
    const { env, exchanges } = parseRecording(text!);
    expect(env["JUJU_UNIT_NAME"]).toBe("web/0");
    const options = exchanges.find((one) => one.kind === "hook" && one.command === "config-get");
    expect(options).toMatchObject({ stdout: expect.stringMatching(/"key":"redacted-\d+"/) });
  });

  test("has nothing of a secret, whatever that is, in any form that a charm gave it", async () => {
    const secret = fc.oneof(
      fc.string({ minLength: 12, maxLength: 60, unit: "grapheme" }),
      fc.stringMatching(/^[\x20-\x7e]{12,60}$/),
      fc
        .array(fc.stringMatching(/^[A-Za-z0-9+/]{16,64}$/), { minLength: 2, maxLength: 5 })
        .map((lines) => `-----BEGIN KEY-----\n${lines.join("\n")}\n-----END KEY-----\n`),
    );
    await fc.assert(
      fc.asyncProperty(secret, async (value) => {
        const given = value.toWellFormed();
        fc.pre(
          given.trim() === given.trim().normalize() &&
            !given.includes("\0") &&
            !/redacted|secret/.test(given),
        );
        const { text = "", told } = await recordHook(charm, "config-changed", stateWith(given));
        const forms = [
          given,
          JSON.stringify(given).slice(1, -1),
          JSON.stringify(JSON.stringify(given)).slice(3, -3),
          Buffer.from(given).toString("base64"),
          Buffer.from(`user:${given}`).toString("base64").slice(8, -4),
          ...given.split("\n").filter((line) => line.length > 12 && !line.startsWith("-----")),
        ];
        for (const form of forms.filter(({ length }) => length >= 8)) expect(text).not.toContain(form);
        // A recording that cannot be made clean is not made, which is right and must stay rare.
        if (text === "") expect(told.join()).toContain("a secret could not be taken out of it");
      }),
      { numRuns: 150 },
    );
  });

  test("of a failing hook ends with its exit code", async () => {
    const failing = contract.implement({
      reconcile: () => {
        throw new Error("a bug");
      },
    });
    const { text, outcome } = await recordHook(failing, "start");
    expect(outcome.exitCode).toBe(1);
    const recording = parseRecording(text!);
    expect(recording.outcome).toEqual({ ended: "exit", exitCode: 1 });
    expect((await replay(failing, recording)).divergences).toEqual([]);
    expect((await replay(charm, recording)).divergences).toContainEqual({
      kind: "different exit code",
      what: "the hook",
      recorded: "1",
      replayed: "0",
    });
  });

  test("has what goes through fetch and to Kubernetes, without their headers", async () => {
    const original = globalThis.fetch;
    globalThis.fetch = async () => new Response('{"ok":true}', { headers: { "set-cookie": "a=b" } });
    const untap = tap({});
    try {
      const caller = contract.implement({
        async reconcile({ log }) {
          const answer = await fetch("https://admin.test/clients?access_token=abcdef", {
            method: "POST",
            headers: { authorization: "Bearer very-secret-token" },
            body: '{"echo":"very-secret-token"}',
          });
          log.info("answered", { body: await answer.json() });
          return active();
        },
      });
      const { text } = await recordHook(caller, "start", {});
      expect(text).toContain("https://admin.test/clients?access_token=redacted-");
      expect(text).not.toMatch(/very-secret-token|abcdef|set-cookie/);
      globalThis.fetch = () => Promise.reject(new Error("there is no network"));
      expect((await replay(caller, parseRecording(text!))).divergences).toEqual([]);
    } finally {
      untap();
      globalThis.fetch = original;
    }
  });
});

describe("writeRecording()", () => {
  test("makes files that only their owner reads, and keeps the newest", async () => {
    const place = path.join(folder, "new");
    for (let index = 0; index < MAX_FILES + 5; index++)
      writeRecording(place, index * 1000, "start", `${index}`);
    const names = readdirSync(place).sort();
    expect(names).toHaveLength(MAX_FILES);
    expect(readFileSync(path.join(place, names[0]!), "utf8")).toBe("5");
    expect(statSync(place).mode & 0o777).toBe(0o700);
    for (const name of names) expect(statSync(path.join(place, name)).mode & 0o777).toBe(0o600);
  });

  test("leaves files that are not its own alone", () => {
    writeFileSync(path.join(folder, "notes.json"), "mine");
    for (let index = 0; index < MAX_FILES + 2; index++) writeRecording(folder, index, "x/../y", "");
    expect(readFileSync(path.join(folder, "notes.json"), "utf8")).toBe("mine");
    expect(readdirSync(folder)).toHaveLength(MAX_FILES + 1);
  });
});

describe("a recording that cannot be made fails no hook", () => {
  test("where it would be too long, it says so", async () => {
    const text = "x".repeat(400_000);
    const writer = contract.implement({
      async reconcile({ containers }) {
        await containers.web.apply({
          services: {},
          files: Object.fromEntries(
            Array.from({ length: 14 }, (_none, index) => [`/f${index}`, `${index}${text}`]),
          ),
        });
        for (let index = 0; index < 14; index++) await containers.web.pull(`/f${index}`);
        return active();
      },
    });
    const { outcome, told, text: recording } = await recordHook(writer, "start");
    expect(outcome.exitCode).toBe(0);
    expect(recording).toBeUndefined();
    expect(told.join()).toMatch(/^no recording of this hook: it has \d+ bytes, at most 4194304 are kept$/);
  });
});

describe("recordFolder()", () => {
  test("is off without the variable and without the file", () => {
    expect(recordFolder({})).toBeUndefined();
    expect(recordFolder({ JUJU_CHARM_DIR: folder })).toBeUndefined();
  });
  test("is what the variable says", () => expect(recordFolder({ CHARMED_IAP_RECORD: "/r" })).toBe("/r"));
  test("is in the charm's folder where an operator made the file", () => {
    writeFileSync(path.join(folder, ".record"), "");
    expect(recordFolder({ JUJU_CHARM_DIR: folder })).toBe(path.join(folder, ".recordings"));
  });
});
