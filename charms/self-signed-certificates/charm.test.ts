import { active, blocked } from "charmed-iap/charm";
import { createRequest, generateKey } from "charmed-iap/interfaces/tls-certificates/v1";
import { interruptEverywhere, type StateOf, transition } from "charmed-iap/testing";
import { contractTests } from "charmed-iap/testing/vitest";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import charm from "./charm.ts";
import { invalidOptions, validityMs } from "./validity.ts";

type State = StateOf<typeof charm>;
const csr = async (name: string) =>
  createRequest({ privateKey: await generateKey("ec-p256"), commonName: name, dnsNames: [name] });
const asking = (...requests: string[]) => ({
  remoteApp: "traefik",
  remoteAppData: {
    certificate_signing_requests: requests.map((one) => ({ certificate_signing_request: one, ca: false })),
  },
});
const run = (state: State) => transition(charm, "config-changed", state);

describe("reconcile()", () => {
  test("signs at once, in the hook that makes the authority; its key is in a secret only", async () => {
    const { status, relations, secrets, logs } = await run({
      leader: true,
      relations: { certificates: asking(await csr("a.test")) },
    });
    expect(status).toEqual(active());
    const [issued] = JSON.parse(relations.certificates[0]?.localAppData["certificates"] ?? "[]");
    expect(issued.chain).toHaveLength(2);
    expect(secrets[0]?.content["private-key"]).toContain("PRIVATE KEY");
    expect(JSON.stringify([relations, logs])).not.toContain("PRIVATE KEY");
  });

  test("refuses over the limit, and says so", async () => {
    const { relations } = await run({
      leader: true,
      config: { "certificate-limit": 1 },
      relations: { certificates: asking(await csr("a.test"), await csr("b.test")) },
    });
    const said = relations.certificates[0]?.localAppData ?? {};
    expect(JSON.parse(said["certificates"] ?? "[]")).toHaveLength(1);
    expect(said["request_errors"]).toContain("the limit of 1 certificates is reached");
  });

  test("a request that cannot be read is refused, and the next one is signed all the same", async () => {
    const good = await csr("a.test");
    const bad = good.replace(/[A-Za-z0-9+/]{8}\n/, "AAAAAAAA\n");
    const { relations, status } = await run({
      leader: true,
      relations: { certificates: asking(bad, "nonsense", good) },
    });
    const said = relations.certificates[0]?.localAppData ?? {};
    expect(status).toEqual(active());
    expect(JSON.parse(said["certificates"] ?? "[]")).toHaveLength(1);
    expect(JSON.parse(said["request_errors"] ?? "[]")).toHaveLength(1);
    expect(said["request_errors"]).toContain("its signature does not hold");
  });

  test("hands its certificate to requirers of both versions of certificate_transfer", async () => {
    const { relations } = await run({
      leader: true,
      relations: {
        "send-ca-cert": [{ remoteApp: "new", remoteAppRaw: { version: "1" } }, { remoteApp: "old" }],
      },
    });
    const [fresh, old] = relations["send-ca-cert"];
    expect(fresh?.localAppData["certificates"]).toContain("CERTIFICATE");
    expect(old?.localUnitData["ca"]).toContain("CERTIFICATE");
    expect(old?.localAppData).toEqual({});
  });

  test("other options make another authority; the old one stays trusted", async () => {
    const first = await run({ leader: true });
    const secrets = first.secrets.map(({ label, content }) => ({ owner: "app" as const, label, content }));
    const relations = { "send-ca-cert": { remoteApp: "new", remoteAppRaw: { version: "1" } } };
    const same = await run({ leader: true, secrets, relations });
    const list = (outcome: typeof same) =>
      JSON.parse(outcome.relations["send-ca-cert"][0]?.localAppData["certificates"] ?? "[]") as string[];
    expect(list(same)).toHaveLength(1);
    const changed = await run({ leader: true, secrets, relations, config: { "ca-common-name": "other" } });
    expect(list(changed)).toHaveLength(2);
    expect(list(changed)).toEqual(expect.arrayContaining(list(same)));
  });

  test.each<[State, string]>([
    [{ leader: false }, "Scaling is not implemented for this charm"],
    [
      { leader: true, config: { "root-ca-validity": "10d" } },
      "The following configuration values are not valid: ['certificate-validity', 'root-ca-validity']",
    ],
  ])("%j is blocked", async (state, message) => {
    expect((await run(state)).status).toEqual(blocked(message));
  });
});

describe("actions", () => {
  test.each([
    [{ action: "get-ca-certificate" }, "Root Certificate is not yet generated"],
    [{ action: "get-issued-certificates" }, "No certificates issued yet."],
  ] as const)("%j fails before there is anything", async (input, failure) => {
    expect((await transition(charm, input, { leader: true })).action?.failure).toBe(failure);
  });
  test("rotate-private-key is the leader's", async () => {
    const { action } = await transition(charm, { action: "rotate-private-key" }, { leader: false });
    expect(action?.failure).toBe("This action can only be run on the leader unit.");
  });
  test("rotate-private-key changes nothing while an option is wrong", async () => {
    const secrets = (await run({ leader: true })).secrets.map(({ label, content }) => ({
      owner: "app" as const,
      label,
      content,
    }));
    const config = { "root-ca-validity": "10d" };
    const input = { action: "rotate-private-key" } as const;
    const after = await transition(charm, input, { leader: true, secrets, config });
    expect(after.action?.failure).toMatch(/^Private key rotation failed due to missing configuration\./);
    expect(after.secrets.map(({ content }) => content)).toEqual(secrets.map(({ content }) => content));
  });
  test("rotate-private-key makes another key", async () => {
    const first = await run({ leader: true });
    const secrets = first.secrets.map(({ label, content }) => ({ owner: "app" as const, label, content }));
    const after = await transition(charm, { action: "rotate-private-key" }, { leader: true, secrets });
    expect(after.action?.results).toEqual({
      result: "New private key and CA certificate generated and stored.",
    });
    const key = (all: typeof after.secrets) => all.find(({ label }) => label === "active-ca-certificates");
    expect(key(after.secrets)?.content["private-key"]).not.toBe(key(first.secrets)?.content["private-key"]);
  });
});

describe("validity", () => {
  test("any text is milliseconds above 0, or nothing", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(validityMs(text) ?? 1).toBeGreaterThan(0);
      }),
    );
  });
  test("a number with a unit is that many; twice as long for the authority is accepted", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999 }),
        fc.constantFrom("m", "h", "d", "w"),
        (number, unit) => {
          expect(validityMs(`${number}${unit}`)).toBe(number * (validityMs(`1${unit}`) ?? 0));
          const config = {
            "ca-common-name": "x",
            "ca-country-name": undefined,
            "root-ca-validity": `${number * 2}${unit}`,
            "certificate-validity": `${number}${unit}`,
          };
          expect(invalidOptions(config)).toEqual([]);
        },
      ),
    );
  });
});

contractTests(charm);
describe("whatever it has drawn at random", () => {
  const asked = csr("a.test");
  test("is drawn again, or kept, by the next run", async () => {
    const state = { leader: true, relations: { certificates: asking(await asked) } };
    // Keys and certificates differ; who has which, and what is said to whom, does not.
    const seen = ({ status, secrets, relations }: Awaited<ReturnType<typeof run>>) => ({
      status,
      secrets: secrets.map(({ label, owner, content }) => [label, owner, Object.keys(content).sort()]),
      certificates: relations.certificates.map(({ localAppData }) =>
        JSON.parse(localAppData["certificates"] ?? "[]").map((one: object) => Object.keys(one).sort()),
      ),
    });
    const { commands } = await interruptEverywhere(charm, "certificates-relation-changed", state, { seen });
    expect(commands).toBeGreaterThan(5);
  });
});
