import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalClient } from "./client.ts";
import {
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

beforeAll(async () => {
  client = await controller.connect();
  await client.call("addModel", { name: "core", switch: false });
  const resources = { "app-image": helloImage };
  await client.call("deploy", { model: "core", charm: helloCharm, application: "keeper", resources });
  await deployHello(client, 1, "guest");
  await until(client, (now) => isActive(now, "guest"));
});

afterAll(() => controller.end(), 60_000);

describe("relations between models", () => {
  test("what the offering unit says reaches the consuming one", async () => {
    const offered = await client.call("offer", { model: "core", endpoints: "keeper:site", name: "site" });
    expect(offered).toEqual({ url: "admin/core.site" });
    const { name } = await client.call("consume", { from: "core", offer: "site", alias: "elsewhere" });
    await client.call("integrate", { endpoints: ["guest:upstream", name] });
    await expect.poll(() => onUnit(client, "guest/0", "cat upstream")).toContain("url: http://127.");
    const [offer] = await client.call("offers", { model: "core" });
    expect(offer?.connections).toEqual([expect.objectContaining({ endpoint: "site", status: "joined" })]);
  });

  test("a controller that starts again carries on", async () => {
    await client.call("stop", {});
    client.close();
    client = await controller.connect();
    const [relation] = Object.values((await client.call("status", {})).relations ?? {});
    expect(relation).toBeDefined();
    await client.call("removeSaas", { name: "elsewhere" });
    await expect
      .poll(async () => (await client.call("offers", { model: "core" }))[0]?.connections)
      .toEqual([]);
    await client.call("removeOffer", { model: "core", name: "site", force: false });
    expect(await client.call("offers", { all: true })).toEqual([]);
  });

  test("an offer of a model that is not there, or is not offered", async () => {
    for (const [from, offer] of [
      ["nowhere", "x"],
      ["core", "x"],
    ] as const) {
      await expect(client.call("consume", { from, offer })).rejects.toThrow(
        `application offer "admin/${from}.x" not found`,
      );
    }
  });
});

describe("secrets of the operator", () => {
  const read = async (uri: string): Promise<string> =>
    (await onUnit(client, "guest/0", `secret-get ${uri} --refresh 2>&1 || true`)).trim();
  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  test("are read by whom they are granted to, at their latest revision, and by nobody else", async () => {
    const { uri } = await client.call("addSecret", { name: "api", content: { token: base64("one") } });
    expect(await read(uri)).toMatch(/permission denied/);
    const grant = { secret: "api", applications: ["guest"] };
    await client.call("grantSecret", { ...grant, revoke: false });
    expect(await read(uri)).toBe("token: one");
    await client.call("updateSecret", { secret: uri, content: { token: base64("two") } });
    expect(await read(uri)).toBe("token: two");
    await client.call("grantSecret", { ...grant, revoke: true });
    expect(await read(uri)).toMatch(/permission denied/);
  });

  test("are listed without what they hold, and shown with it on demand", async () => {
    const [plain] = await client.call("secrets", { secret: "api" });
    expect(plain).toMatchObject({ owner: "<model>", name: "api", revision: 2 });
    expect(JSON.stringify(plain)).not.toContain(base64("two"));
    const [first] = await client.call("secrets", { secret: "api", reveal: true, revision: 1 });
    expect(first?.revisions).toContainEqual({ revision: 1, content: { token: base64("one") } });
    await expect(client.call("secrets", { secret: "api", revision: 9 })).rejects.toThrow("not found");
    await client.call("removeSecret", { secret: "api" });
    expect(await client.call("secrets", {})).toEqual([]);
  });

  test("that are malformed are refused", async () => {
    await expect(client.call("addSecret", { name: "bad", content: { token: "!!" } })).rejects.toThrow(
      'secret base64 value "token" not valid',
    );
    await expect(
      client.call("grantSecret", { secret: "no", applications: ["guest"], revoke: false }),
    ).rejects.toThrow('secret "no" not found');
  });
});
