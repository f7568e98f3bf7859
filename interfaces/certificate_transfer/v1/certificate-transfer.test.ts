import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { caBundle, certificates, certificateTransfer, offer, speaksV1, VERSION_1 } from "./index.ts";

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;
const [a, b] = [pem("QUFB"), pem("QkJC")];
const { provider, requirer } = certificateTransfer.sides;

describe("offer()", () => {
  test("speaks version 1 to who asks for it, and takes version 0 back", () => {
    const told = offer([b, a], encode(requirer.app, VERSION_1));
    expect(told).toEqual({ app: { certificates: [b, a], version: 1 }, unit: undefined });
    expect(encode(provider.app, told.app ?? {})).toEqual({
      certificates: JSON.stringify([a, b]),
      version: "1",
    });
  });

  test.each([undefined, "0", '"1"', "1.0", " 1", "2"])(
    "speaks version 0 to version %j, in raw PEM",
    (version) => {
      const told = offer([a, b], version === undefined ? {} : { version });
      expect(told.app).toBeUndefined();
      expect(encode(provider.unit, told.unit ?? {})).toEqual({
        ca: a,
        certificate: a,
        chain: JSON.stringify([a, b]),
        version: "0",
      });
    },
  );

  test("has nothing to say in version 0 when there is no certificate", () => {
    expect(offer([], {})).toEqual({ app: undefined, unit: undefined });
    expect(offer([], { version: "1" }).app).toEqual({ certificates: [], version: 1 });
  });
});

describe("certificates()", () => {
  const unit = (raw: Record<string, string>) => decode(provider.unit, raw);

  test("takes the application databag, also when it is empty, and not what is left of version 0", () => {
    const units = [unit({ ca: a })];
    expect(
      certificates({ ...decode(provider.app, { certificates: JSON.stringify([b]), version: "1" }), units }),
    ).toEqual([b]);
    expect(certificates({ ...decode(provider.app, { certificates: "[]", version: "1" }), units })).toEqual(
      [],
    );
  });

  test("takes all units of version 0, raw and quoted, each certificate once", () => {
    const units = [
      unit({ ca: a, certificate: JSON.stringify(a) }),
      unit({ chain: JSON.stringify([b, a]) }),
      unit({}),
    ];
    expect(certificates({ state: "pending", units })).toEqual([a, b]);
  });

  test("leaves out what is no certificate, so that it does not spoil the bundle", () => {
    const data = {
      certificates: ["junk", `${a}\r\n`, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"],
      version: 1,
    };
    expect(certificates({ state: "ready", data })).toEqual([a]);
    expect(caBundle([b, "junk", `${a}\n${b}`])).toBe(`${a}\n${b}\n`);
  });

  test("no relation has no certificates", () => {
    expect(certificates({ state: "missing" })).toEqual([]);
  });
});

test("speaksV1() compares the text", () => {
  expect([speaksV1({ version: "1" }), speaksV1({})]).toEqual([true, false]);
});
