import { active, defineCharm } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { parseRecording, replay } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { goldenHooks } from "./golden.ts";
import { charmOf, recordings } from "./recordings.ts";

describe("hooks that were recorded on the local model", () => {
  test.each(recordings)("%s is what it was", async (name, text) => {
    const recording = parseRecording(text, name);
    const { divergences } = await replay(await charmOf(recording.charm), recording);
    expect(divergences).toEqual([]);
  });

  test("there are some of every kind: hooks and an action, secrets, files, commands in the container", () => {
    const all = recordings.map(([, text]) => text).join();
    for (const part of ["actions/", "redacted-1", "/v1/files", "websocket", "relation-set"])
      expect(all).toContain(part);
  });
});

describe("hooks that a real Juju 4.0.15 ran", () => {
  const probe = defineInterface({
    name: "probe",
    version: 0,
    provider: databag(v.looseObject({ secret: v.optional(v.string()) })),
    requirer: {},
  });
  const contract = defineCharm({
    name: "probe",
    summary: "x",
    requires: { client: probe.requirer({ limit: 1 }) },
  });
  const seen: string[] = [];
  const charm = contract.implement({
    async reconcile({ relations: { client }, secrets }) {
      if (client.state !== "ready" || client.data.secret === undefined) return client.status;
      const { password } = await secrets.get(client.data.secret);
      seen.push(password?.reveal() ?? "none");
      return active(client.remoteApp);
    },
  });

  test.each(goldenHooks)(
    "%s: Juju's own answers are read, and nothing else is asked",
    async (_name, recording) => {
      const { divergences, exitCode, logs } = await replay(charm, recording);
      expect(logs).toEqual([]);
      expect(exitCode).toBe(0);
      // The probe set no status, ours does.
      expect(divergences.filter(({ what }) => !/^(status-set|the unit)$/.test(what))).toEqual([]);
    },
  );

  test("some of them had a secret", () => {
    expect(goldenHooks.length).toBeGreaterThan(2);
    expect(new Set(seen)).toContain("one");
  });
});
