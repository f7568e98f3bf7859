/** Google: groups of the directory. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import type { ProviderSettings } from "../../options/structure.ts";
import { type FakeApi, Fakes, fixedAt, providerAt, signIn } from "../../testing/fake-api.ts";
import { googleAt } from "./google.ts";

const fakes = new Fakes();
afterEach(() => fakes.close());

const folder = mkdtempSync(join(tmpdir(), "kinds-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PEM = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

async function googleFake(): Promise<{
  api: FakeApi;
  settings: Partial<ProviderSettings>;
  kind: ReturnType<typeof googleAt>;
}> {
  const api = await fakes.start({
    "/directory/groups/ops@corp/hasMember/ada%40example.com": { json: { isMember: true } },
    "/directory/groups/far@corp/hasMember/ada%40example.com": { status: 400, json: {} },
    "/directory/groups/far@corp/members/ada%40example.com": { json: { status: "ACTIVE" } },
    "/directory/groups/gone@corp/hasMember/ada%40example.com": { status: 400, json: {} },
    "/directory/groups/gone@corp/members/ada%40example.com": { json: { status: "SUSPENDED" } },
    "/directory/groups/no@corp/hasMember/ada%40example.com": { json: { isMember: false } },
    "/directory/groups": { json: { groups: [{ email: "one@corp" }], nextPageToken: "p2" } },
    "/directory/groups?userKey=ada%40example.com&maxResults=200&pageToken=p2": {
      json: { groups: [{ email: "two@corp" }] },
    },
    "/directory/users/ada%40example.com": { json: { externalIds: [{ type: "organization", value: "E-1" }] } },
  });
  for (const name of ["ops", "far", "gone", "no"]) {
    for (const what of ["hasMember", "members"]) {
      const path = `/directory/groups/${name}@corp/${what}/ada%40example.com`;
      const route = api.routes[path];
      if (route !== undefined) api.routes[path.replace("@corp", "%40corp")] = route;
    }
  }
  api.routes["/admin-token"] = ({ form }) => {
    const { scope, sub } = JSON.parse(
      Buffer.from(form["assertion"]?.split(".")[1] ?? "", "base64url").toString(),
    );
    const granted = String(scope).includes("admin.directory.group.readonly") && sub === "admin@corp";
    return granted
      ? { json: { access_token: "directory", expires_in: 3600 } }
      : { status: 401, json: { error: "unauthorized_client" } };
  };
  const file = join(folder, "account.json");
  writeFileSync(file, JSON.stringify({ client_email: "robot@corp", private_key: PEM, private_key_id: "1" }));
  const none = {
    adminEmail: "admin@corp",
    useApplicationDefaultCredentials: false,
    targetPrincipal: "",
    useOrganizationId: false,
    adminApiUserScope: "",
  };
  const settings = {
    ...fixedAt(api.origin),
    oidc: {
      issuerUrl: api.origin,
      jwksUrl: `${api.origin}/jwks`,
      insecureSkipNonce: true,
    } as ProviderSettings["oidc"],
    google: { ...none, group: [], serviceAccountJson: file },
  };
  const places = {
    directory: `${api.origin}/directory`,
    token: `${api.origin}/admin-token`,
    metadata: `${api.origin}/metadata`,
    credentials: `${api.origin}/credentials`,
  };
  return { api, settings, kind: googleAt(places) };
}

test.each<[readonly string[], readonly string[], boolean]>([
  [["ops@corp"], ["ops@corp"], true],
  [["no@corp", "far@corp"], ["far@corp"], true],
  [["gone@corp"], [], false],
  [["no@corp"], [], false],
  [["unknown@corp"], [], false],
  [[], ["one@corp", "two@corp"], true],
])("google with groups %j", async (group, groups, admitted) => {
  const { api, settings, kind } = await googleFake();
  const google = { ...(settings.google as ProviderSettings["google"]), group };
  const provider = await providerAt(api, { type: "google", kind, settings: { ...settings, google } });
  expect(await signIn(provider)).toMatchObject({ email: "ada@example.com", groups, admitted });
  const directory = api.calls.filter(({ url }) => url.startsWith("/directory"));
  expect(new Set(directory.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer directory"]));
});

test("google: groups that are asked for without a way to look them up admit nobody", async () => {
  const { api, settings, kind } = await googleFake();
  const google = {
    ...(settings.google as ProviderSettings["google"]),
    group: ["ops@corp"],
    serviceAccountJson: "",
  };
  const provider = await providerAt(api, { type: "google", kind, settings: { ...settings, google } });
  expect(await signIn(provider)).toMatchObject({ groups: [], admitted: false });
});

test("google: the organisation's id, and an address that must be verified", async () => {
  const { api, settings, kind } = await googleFake();
  const google = { ...(settings.google as ProviderSettings["google"]), useOrganizationId: true };
  const choice = { type: "google", kind, settings: { ...settings, google } } as const;
  expect(await signIn(await providerAt(api, choice))).toMatchObject({ preferredUsername: "E-1" });
  for (const email_verified of [false, undefined]) {
    api.routes["/token"] = async () => ({
      json: { access_token: "a", id_token: await api.sign({ email_verified }) },
    });
    expect(await signIn(await providerAt(api, choice))).toBe("email-not-verified");
  }
});

test("google: the machine's own identity has the account sign", async () => {
  const { api, settings, kind } = await googleFake();
  api.routes["/metadata/token"] = { json: { access_token: "machine" } };
  api.routes["/metadata/email"] = { text: "robot@corp" };
  api.routes["/credentials/robot%40corp:signJwt"] = ({ authorization, body }) => {
    const { payload } = JSON.parse(body) as { payload: string };
    const signed = `e30.${Buffer.from(payload).toString("base64url")}.AAAA`;
    return authorization === "Bearer machine" ? { json: { signedJwt: signed } } : { status: 403, json: {} };
  };
  const google = {
    ...(settings.google as ProviderSettings["google"]),
    group: ["ops@corp"],
    serviceAccountJson: "",
    useApplicationDefaultCredentials: true,
  };
  const provider = await providerAt(api, { type: "google", kind, settings: { ...settings, google } });
  expect(await signIn(provider)).toMatchObject({ groups: ["ops@corp"], admitted: true });
});
