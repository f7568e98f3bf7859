/** S-35: header values are UTF-8 on the wire, in decisions, towards applications and from them. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Application, headerOf, startApplication } from "../testing/application.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { rawExchange, rawRequest } from "../testing/raw.ts";

let application: Application;
let point: Point;

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  application = await startApplication();
  point = await startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_UPSTREAMS: `${application.origin}/` });
});
afterAll(async () => {
  await point.close();
  await application.close();
});

const utf8 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const NAME = "Zoë 日本 \u{1f600}";

test.each(["/oauth2/auth", "/app", "/stream", "/gzip", "/utf8", "/hop", "/missing"])(
  "in the answer of %s",
  async (path) => {
    const cookie = point.cookie({ preferredUsername: NAME });
    const head = { port: point.port, until: (text: string) => text.includes("\r\n\r\n") };
    const { text } = await rawExchange(head, rawRequest(`GET ${path}`, [`Cookie: ${cookie}`]));
    expect(text).toContain(`X-Auth-Request-Preferred-Username: ${utf8(NAME)}\r\n`);
  },
);

test("towards the application, and back", async () => {
  const cookie = point.cookie({ preferredUsername: NAME, groups: ["größe", "группа"] });
  const { text } = await rawExchange(
    point.port,
    rawRequest("GET /utf8", [`Cookie: ${cookie}`, `X-Mine: ${utf8(NAME)}`]),
  );
  expect(text).toContain(`X-Name: ${utf8("Zoë 日本")}\r\n`);
  const seen = application.reached.at(-1);
  expect(headerOf(seen, "x-forwarded-preferred-username")).toBe(utf8(NAME));
  expect(headerOf(seen, "x-forwarded-groups")).toBe(utf8("größe,группа"));
  expect(headerOf(seen, "x-mine")).toBe(utf8(NAME));
});

test.each(["a\r\nX-Injected: 1", "a\nb", "a\0b", "\u010a\u560a", "\u2028", "\ud800"])(
  "%j splits nothing",
  async (subject) => {
    const cookie = point.cookie({ subject });
    const { text } = await rawExchange(point.port, rawRequest("GET /app", [`Cookie: ${cookie}`]));
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).not.toMatch(/^X-Injected/im);
    expect(application.reached.at(-1)?.raw.map((value) => value.toLowerCase())).not.toContain("x-injected");
  },
);
