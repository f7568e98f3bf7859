/** Folders of files as upstreams. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";

const folder = mkdtempSync(join(tmpdir(), "files-"));
const root = join(folder, "www");
let point: Point;

const MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT";

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  for (const name of ["sub", "list", "empty"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "a.txt"), "file a");
  utimesSync(join(root, "a.txt"), 1_700_000_000, 1_700_000_000);
  writeFileSync(join(root, "sub", "index.html"), "<html>index</html>");
  for (const name of [`a b&c<d>".txt`, "é", "x:y"]) writeFileSync(join(root, "list", name), "x");
  writeFileSync(join(root, "unknown"), "<html><script>alert(1)</script>");
  writeFileSync(join(root, "bytes"), Buffer.from([0, 1, 2]));
  writeFileSync(join(folder, "secret"), "secret");
  mkdirSync(join(folder, "www-other"));
  writeFileSync(join(folder, "www-other", "secret"), "secret");
  symlinkSync("a.txt", join(root, "inside"));
  symlinkSync("../secret", join(root, "outside"));
  symlinkSync("../www-other", join(root, "sibling"));
  symlinkSync("/", join(root, "slash"));
  symlinkSync("loop", join(root, "loop"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_UPSTREAMS: `file://${root}#/files/`,
  });
});
afterAll(async () => {
  await point.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers: readonly string[] = [], method = "GET") =>
  ask(point.port, path, ["Cookie", point.cookie(), ...headers], method);

test("a file has its bytes, type, date and our headers", async () => {
  const { status, body, headers } = await get("/files/a.txt");
  expect([status, body]).toEqual([200, "file a"]);
  expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect([headers.get("accept-ranges"), headers.get("last-modified")]).toEqual(["bytes", MODIFIED]);
  expect(headers.get("gap-auth")).toBe("ada@example.com");
  expect((await get("/files/a.txt", [], "HEAD")).body).toBe("");
  expect((await get("/files/inside")).body).toBe("file a");
});

test("without a session there is no file", async () => {
  expect((await ask(point.port, "/files/a.txt")).status).toBe(403);
});

test.each([
  "/files/outside",
  "/files/sibling/secret",
  "/files/slash/etc/hostname",
  "/files/loop",
  "/files/pipe",
  "/files/none",
  "/files/a.txt%00",
  "/files/..%5csecret",
  "/files/a.txt/x",
  `/files/${"x".repeat(3000)}`,
])("%s is not there", async (path) => {
  const { status, body } = await get(path);
  expect([status, body]).toEqual([404, "404 page not found\n"]);
});

test.each([
  ["/files/%2e%2e/secret", "/secret"],
  ["/files/..%2fsecret", "/secret"],
  ["/files/sub/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"],
  ["/files/sub", "sub/"],
  ["/files/sub?x", "sub/?x"],
  ["/files/sub/index.html?x", "./?x"],
  ["/files/sub%2findex.html", "./"],
  ["/files/a.txt/", "../a.txt"],
])("%s is sent to %s", async (path, location) => {
  const { status, headers, body } = await get(path);
  expect([status, headers.get("location"), body]).toEqual([301, location, ""]);
});

test("a folder is its index, else its list", async () => {
  expect((await get("/files/sub/")).body).toBe("<html>index</html>");
  const list = await get("/files/list/");
  expect(list.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(list.body).toContain('<a href="a%20b&c%3Cd%3E%22.txt">a b&amp;c&lt;d&gt;&#34;.txt</a>\n');
  expect(list.body).toContain('<a href="%C3%A9">é</a>\n<');
  expect(list.body).toContain('<a href="./x:y">x:y</a>\n');
  const since = ["If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"];
  expect((await get("/files/list/", since)).status).toBe(304);
});

test("what looks like a page is none unless its name says so", async () => {
  expect((await get("/files/unknown")).headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect((await get("/files/bytes")).headers.get("content-type")).toBe("application/octet-stream");
});

test.each([
  [["Range", "bytes=1-3"], 206, "ile", "bytes 1-3/6"],
  [["Range", "bytes=-2"], 206, " a", "bytes 4-5/6"],
  [["Range", "bytes=4-"], 206, " a", "bytes 4-5/6"],
  [["Range", "bytes=4-99"], 206, " a", "bytes 4-5/6"],
  [["Range", "bytes=9-"], 416, "invalid range: failed to overlap\n", "bytes */6"],
  [["Range", "bytes=3-1"], 416, "invalid range\n", undefined],
  [["Range", "chars=0-1"], 416, "invalid range\n", undefined],
  [["Range", "bytes=0-5,0-5"], 200, "file a", undefined],
  [["Range", "bytes=0-1", "If-Range", MODIFIED], 206, "fi", "bytes 0-1/6"],
  [["Range", "bytes=0-1", "If-Range", "Tue, 14 Nov 2023 22:13:21 GMT"], 200, "file a", undefined],
  [["If-Modified-Since", MODIFIED], 304, "", undefined],
  [["If-Modified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"], 200, "file a", undefined],
  [["If-None-Match", "*"], 304, "", undefined],
  [["If-Match", '"x"'], 412, "", undefined],
  [["If-Unmodified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"], 412, "", undefined],
] as const)("%j is answered %i", async (sent, status, body, range) => {
  const answer = await get("/files/a.txt", sent);
  expect([answer.status, answer.body, answer.headers.get("content-range")]).toEqual([status, body, range]);
});

test("several parts are sent in one answer of the announced length", async () => {
  const { status, body, headers } = await get("/files/a.txt", ["Range", "bytes=0-1,3-4"]);
  const boundary = /boundary=(\w+)$/.exec(headers.get("content-type") ?? "")?.[1];
  expect(status).toBe(206);
  expect(body.length).toBe(Number(headers.get("content-length")));
  expect(body.split(`--${boundary}`).map((part) => part.split("\r\n\r\n")[1]?.trimEnd())).toEqual([
    undefined,
    "fi",
    "e",
    undefined,
  ]);
});
