import { describe, expect, test } from "vitest";
import { failure, type Ground } from "./ground.ts";

export function notices(on: Ground): void {
  const { raw } = on;
  describe("notices", () => {
    test("count repeats, and move in time only after their pause", async () => {
      const key = "example.com/thing";
      const id = await on.pebble.notify(key, { data: { n: "1" } });
      const [first] = await on.pebble.notices({ types: ["custom"] });
      expect(first).toMatchObject({
        id,
        type: "custom",
        key,
        occurrences: 1,
        "last-data": { n: "1" },
        "expire-after": "168h0m0s",
      });
      expect(first!["user-id"]).toBe(process.getuid!());
      expect(await on.pebble.notify(key, { data: { n: "2" }, repeatAfterMs: 3_600_000 })).toBe(id);
      const quiet = await on.pebble.notice(id);
      expect(quiet).toMatchObject({ occurrences: 2, "last-data": { n: "2" }, "repeat-after": "1h0m0s" });
      expect(quiet["last-repeated"]).toBe(first!["last-repeated"]);
      await on.pebble.notify(key);
      const after = first!["last-repeated"];
      expect(await on.pebble.notices({ after, keys: [key] })).toMatchObject([{ id, occurrences: 3 }]);
    });

    test("are waited for, and an empty list is no error", async () => {
      expect(await on.pebble.notices({ types: ["custom"], timeoutMs: 20 })).toEqual([]);
      expect(await on.pebble.notices({ types: ["unheard-of"], timeoutMs: 60_000 })).toEqual([]);
      const waiting = on.pebble.notices({ types: ["custom"], users: "all", timeoutMs: 10_000 });
      await on.pebble.notify("example.com/late");
      expect(await waiting).toMatchObject([{ key: "example.com/late" }]);
    });

    test("are of one user and public, or of all users", async () => {
      const own = process.getuid!();
      await on.pebble.notify("example.com/own");
      const keys = async (options: object) =>
        (await on.pebble.notices({ types: ["custom"], ...options })).map(({ key }) => key);
      expect(await keys({ userId: own })).toEqual(["example.com/own"]);
      expect(await keys({ userId: own + 1 })).toEqual([]);
      expect(await keys({ users: "all" })).toEqual(["example.com/own"]);
    });

    test("are waited for until the caller has had enough", async () => {
      const stop = new AbortController();
      const waiting = on.pebble.notices({ types: ["custom"], timeoutMs: 60_000, signal: stop.signal });
      stop.abort(new Error("enough"));
      expect(await failure(waiting)).toMatchObject({ message: "enough" });
    });

    test("come in the order in which they last repeated, none twice", async () => {
      for (const name of ["a", "b", "c", "a"]) await on.pebble.notify(`example.com/${name}`);
      const keys = (await on.pebble.notices({ types: ["custom"] })).map(({ key }) => key);
      expect(keys).toEqual(["example.com/b", "example.com/c", "example.com/a"]);
    });

    test.each([
      ["users=me", 'invalid "users" filter: must be "all"'],
      ["users=all&user-id=1", 'cannot use both "users" and "user-id" parameters'],
      ["after=x", 'invalid "after" timestamp: '],
      ["timeout=x", "invalid timeout: "],
    ])("filter %s is refused", async (query, message) => {
      const answer = await raw("GET", `/v1/notices?${query}`);
      expect(answer["status-code"]).toBe(400);
      expect(answer.result.message).toContain(message);
    });
  });
}
