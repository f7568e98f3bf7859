import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runJuju } from "./testdata.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const created = Date.parse("2026-11-23T19:02:31.582Z");

/** The secret of the recorded session. */
const ofCharm = {
  id: "7slcrde2f5nbmiphp800",
  revision: 2,
  checksum: "5a3f",
  owner: "pb",
  description: "",
  label: "l-server:4",
  rotation: "never",
  created,
  updated: Date.parse("2026-11-23T19:02:56.729Z"),
  revisions: [{ revision: 1 }, { revision: 2, content: { token: base64("abc"), key: base64("x\ny") } }],
  access: [],
};
const { label: _none, ...rest } = ofCharm;
const ofOperator = {
  ...rest,
  id: "9m4e2mr0ui3e8a215n4g",
  owner: "<model>",
  name: "my-secret",
  description: "a note",
  access: [{ target: "application-web", scope: "model-8f2e", role: "view" }],
};

describe("juju secrets", () => {
  test("a table as Juju's, an empty cell at its end included", async () => {
    const now = { ...ofCharm, updated: Date.now() - 90_000 * 60 };
    const { stdout } = await runJuju(["secrets"], {
      secrets: () => [now, { ...ofOperator, updated: Date.now() - 50_000 * 3600 }],
    });
    expect(stdout).toBe(
      [
        "ID                    Name       Owner    Rotation  Revision  Last updated",
        "7slcrde2f5nbmiphp800  -          pb       never            2  1 hour ago  ",
        "9m4e2mr0ui3e8a215n4g  my-secret  <model>  never            2  2 days ago  ",
        "",
      ].join("\n"),
    );
  });

  test("JSON has the fields and the order of the recording", async () => {
    const { stdout } = await runJuju(["list-secrets", "--format", "json"], { secrets: () => [ofCharm] });
    expect(stdout).toBe(
      '{"7slcrde2f5nbmiphp800":{"revision":2,"rotation":"never","owner":"pb","label":"l-server:4","created":"2026-11-23T19:02:31.582Z","updated":"2026-11-23T19:02:56.729Z"}}\n',
    );
  });

  test("none is no output", async () => {
    expect(await runJuju(["secrets"], { secrets: () => [] })).toMatchObject({ code: 0, both: "" });
  });
});

describe("juju show-secret", () => {
  test("shows no content unless asked to", async () => {
    const { stdout, calls } = await runJuju(["show-secret", "my-secret"], { secrets: () => [ofOperator] });
    expect(calls).toEqual([["secrets", { secret: "my-secret", reveal: false }]]);
    expect(stdout).toBe(`9m4e2mr0ui3e8a215n4g:
  revision: 2
  owner: <model>
  description: a note
  name: my-secret
  created: 2026-11-23T19:02:31.582Z
  updated: 2026-11-23T19:02:56.729Z
  access:
  - target: application-web
    scope: model-8f2e
    role: view
`);
  });

  test("--reveal adds checksum and content", async () => {
    const { stdout } = await runJuju(["show-secret", "x", "--reveal"], { secrets: () => [ofCharm] });
    expect(stdout).toContain("  checksum: 5a3f\n  rotation: never\n");
    expect(stdout).toContain("  content:\n    key: |-\n      x\n      y\n    token: abc\n");
  });

  test("--revisions lists them", async () => {
    const { stdout } = await runJuju(["show-secret", "x", "--revisions"], { secrets: () => [ofCharm] });
    expect(stdout).toContain("  revisions:\n  - revision: 1\n    backend: internal\n");
  });

  test("--reveal and --revisions exclude each other", async () => {
    expect(await runJuju(["show-secret", "x", "--reveal", "--revisions"])).toMatchObject({
      code: 2,
      stderr: "ERROR specify either --revisions or --reveal but not both\n",
    });
  });
});

describe("juju add-secret, update-secret", () => {
  const answers = { addSecret: () => ({ uri: "secret:9m4e2mr0ui3e8a215n4g" }), updateSecret: () => ({}) };

  test("content comes from arguments and files; the arguments win", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "iap-secret-"));
    try {
      writeFileSync(join(cwd, "s.yaml"), "one: from-file\ntwo: 2\n");
      writeFileSync(join(cwd, "key.bin"), Buffer.from([0, 255]));
      const line = "add-secret s one=1=1 bin#file=key.bin three#base64=AAE= --file s.yaml --info note";
      const { stdout, calls } = await runJuju(line.split(" "), answers, { cwd });
      expect(stdout).toBe("secret:9m4e2mr0ui3e8a215n4g\n");
      expect(calls[0]).toEqual([
        "addSecret",
        {
          name: "s",
          description: "note",
          content: { one: base64("1=1"), two: base64("2"), bin: "AP8=", three: "AAE=" },
        },
      ]);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  test("an update says only what changes", async () => {
    const { both, calls } = await runJuju("update-secret s --name other --auto-prune".split(" "), answers);
    expect(both).toBe("");
    expect(calls).toEqual([["updateSecret", { secret: "s", name: "other", autoPrune: true }]]);
  });
});

test("juju grant-secret and revoke-secret name several applications", async () => {
  const answers = { grantSecret: () => ({}) };
  const { calls } = await runJuju(["grant-secret", "s", "a,b"], answers);
  expect(calls).toEqual([["grantSecret", { secret: "s", applications: ["a", "b"], revoke: false }]]);
  expect((await runJuju(["revoke-secret", "s", "a"], answers)).calls[0]?.[1]["revoke"]).toBe(true);
});
