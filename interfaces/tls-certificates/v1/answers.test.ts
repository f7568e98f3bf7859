import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import {
  answerTo,
  certificateLabel,
  chainFile,
  isSameRequest,
  issue,
  keyContent,
  keyIn,
  keyLabel,
  leafFirst,
  NOTHING,
  outstanding,
  prune,
  REQUEST_ERRORS,
  refuse,
  requests,
  requestsFor,
  revokeAll,
  tlsCertificates,
} from "./index.ts";

const { provider, requirer } = tlsCertificates.sides;
const block = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
const csr = block("CERTIFICATE REQUEST", "QUFB");
const other = block("CERTIFICATE REQUEST", "QkJC");
const [leaf, middle, root] = ["MDAw", "MTEx", "MjIy"].map((body) => block("CERTIFICATE", body)) as [
  string,
  string,
  string,
];
const issued = { csr, certificate: leaf, ca: root, chain: [leaf, root] };
const denied = { code: REQUEST_ERRORS.domain_not_allowed, name: "domain_not_allowed", message: "no" };

describe("answerTo()", () => {
  test("finds the certificate of a request whatever its line ends are", () => {
    const data = issue(NOTHING, { ...issued, csr: csr.replaceAll("\n", "\r\n") });
    expect(answerTo(`${csr}\n`, data)).toEqual({
      state: "issued",
      certificate: leaf,
      ca: root,
      chain: [leaf, root],
    });
    expect(answerTo(other, data)).toEqual({ state: "waiting" });
  });

  test("a revoked certificate is revoked until another one is issued", () => {
    const revoked = revokeAll(issue(NOTHING, issued));
    expect(answerTo(csr, revoked)).toEqual({ state: "revoked" });
    expect(answerTo(csr, issue(revoked, issued)).state).toBe("issued");
  });

  test("a refusal takes the place of a certificate, and the other way round", () => {
    const refused = refuse(issue(NOTHING, issued), csr, denied);
    expect(answerTo(csr, refused)).toEqual({ state: "denied", error: denied });
    expect(refused.certificates).toEqual([]);
    expect(issue(refused, issued).request_errors).toEqual([]);
  });

  test.each(["", "hello", `${leaf}\n${root}`, block("PRIVATE KEY", "QUFB")])(
    "text that is no certificate, %.12j, is no answer",
    (certificate) => {
      expect(answerTo(csr, issue(NOTHING, { ...issued, certificate }))).toEqual({ state: "waiting" });
    },
  );
});

describe("leafFirst()", () => {
  test.each([[[leaf, middle, root]], [[root, middle, leaf]], [[middle, root]]])("orders a chain", (chain) => {
    expect(leafFirst(leaf, chain, root)).toEqual([leaf, middle, root]);
  });

  test("makes a chain of certificate and issuer when there is none", () => {
    expect(leafFirst(leaf, [], root)).toEqual([leaf, root]);
    expect(leafFirst(root, [], root)).toEqual([root]);
  });

  test("is written as a file with a newline after each", () => {
    expect(chainFile([leaf, root])).toBe(`${leaf}\n${root}\n`);
  });
});

describe("requests()", () => {
  const bag = (...csrs: string[]) =>
    decode(requirer.unit, encode(requirer.unit, requestsFor(csrs.map((one) => ({ csr: one, ca: false })))));

  test("reads the application's databag and every unit's, each request once", () => {
    const found = requests({ ...bag(csr), units: [bag(csr, other), { state: "pending" }] });
    expect(found).toEqual([
      { csr, ca: false },
      { csr: other, ca: false },
    ]);
  });

  test("passes over entries that are no request, and keeps the others", () => {
    const raw = {
      certificate_signing_requests: JSON.stringify([
        { certificate_signing_request: "hello" },
        { ca: true },
        7,
        { certificate_signing_request: csr },
      ]),
    };
    expect(requests(decode(requirer.app, raw))).toEqual([{ csr, ca: false }]);
  });

  test("outstanding() are those without a certificate that holds", () => {
    const asked = [
      { csr, ca: false },
      { csr: other, ca: false },
    ];
    const data = issue(NOTHING, issued);
    expect(outstanding(asked, data)).toEqual([{ csr: other, ca: false }]);
    expect(outstanding(asked, revokeAll(data))).toEqual(asked);
    expect(outstanding(asked, undefined)).toEqual(asked);
  });

  test("prune() forgets what nobody asks for any more, refusals too", () => {
    const data = refuse(issue(NOTHING, issued), other, denied);
    expect(prune(data, [{ csr: other, ca: false }])).toMatchObject({
      certificates: [],
      request_errors: [{ csr: other }],
    });
    expect(prune(data, [])).toMatchObject({ certificates: [], request_errors: [] });
  });
});

describe("databags", () => {
  test("always have ca and chain, and no empty lists", () => {
    const asked = encode(requirer.unit, {
      certificate_signing_requests: [{ certificate_signing_request: `${csr}\n` }],
    });
    expect(JSON.parse(asked["certificate_signing_requests"] ?? "")).toEqual([
      { certificate_signing_request: csr, ca: false },
    ]);
    const answer = encode(provider.app, {
      certificates: [{ ca: root, certificate: leaf, certificate_signing_request: csr }],
    });
    expect(JSON.parse(answer["certificates"] ?? "")).toEqual([
      { ca: root, certificate: leaf, certificate_signing_request: csr, chain: [leaf, root] },
    ]);
    expect(encode(provider.app, NOTHING)).toEqual({});
  });

  test("the same set of requests is the same text", () => {
    const text = (list: string[]) =>
      encode(requirer.app, requestsFor(list.map((one) => ({ csr: one, ca: false }))));
    expect(text([other, csr, `${other}\n`])).toEqual(text([csr, other]));
  });

  test("isSameRequest() never takes two texts that are none for the same", () => {
    expect(isSameRequest("hello", "hello")).toBe(false);
  });
});

describe("secrets", () => {
  const app = { mode: "app", endpoint: "certificates" } as const;
  const unit = { mode: "unit", endpoint: "certificates", unit: "traefik-k8s/0" } as const;

  test("labels are upstream's", () => {
    expect(keyLabel(unit)).toBe("afd8c2bccf834997afce12c2706d2ede-private-key-0-certificates");
    expect(keyLabel(app)).toBe("afd8c2bccf834997afce12c2706d2ede-private-key-app-certificates");
    expect(certificateLabel(unit, csr)).toMatch(
      /^afd8c2bccf834997afce12c2706d2ede-certificate-0-certificates-[0-9a-f]{64}$/,
    );
    expect(certificateLabel(app, `${csr}\n`)).toBe(certificateLabel(app, csr));
  });

  test("a key is found in its content", () => {
    expect(keyIn(keyContent("k"))).toBe("k");
    expect(keyIn({})).toBeUndefined();
  });
});
