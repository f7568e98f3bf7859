import { describe, expect, test } from "vitest";
import { type Ground, refusal, until } from "./ground.ts";

const SIZE = { width: 90, height: 30 };

export function terminal(on: Ground): void {
  describe("exec on a terminal", () => {
    test("the program has one, of the size asked for, for output and errors", async () => {
      const script = "test -t 1 && test -t 2 && ! test -t 0 && stty size <&1; echo error >&2";
      const { stdout, stderr } = await on.pebble.exec(["/bin/sh", "-c", script], { terminal: SIZE });
      expect([stdout, stderr]).toEqual(["30 90\r\nerror\r\n", ""]);
    });

    test("input is a pipe unless interactive", async () => {
      const options = { terminal: SIZE, stdin: "some\ninput" };
      expect((await on.pebble.exec(["/bin/cat"], options)).stdout).toBe("some\r\ninput");
    });

    test("standard error may be kept apart", async () => {
      const options = { terminal: SIZE, combineStderr: false };
      const script = "test -t 2 || echo error >&2; echo out";
      const { stdout, stderr } = await on.pebble.exec(["/bin/sh", "-c", script], options);
      expect([stdout, stderr]).toEqual(["out\r\n", "error\n"]);
    });

    test("exit codes and signals are told as without one", async () => {
      const failed = await on.pebble.startExec(["/bin/sh", "-c", "exit 9"], { terminal: SIZE });
      expect((await failed.result()).exitCode).toBe(9);
      const killed = await on.pebble.startExec(["/bin/sleep", "60"], { terminal: SIZE });
      killed.signal("SIGTERM");
      expect((await killed.result()).exitCode).toBe(143);
    });

    test("much output comes whole", async () => {
      const script = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done";
      const { stdout } = await on.pebble.exec(["/bin/sh", "-c", script], { terminal: SIZE });
      expect(stdout.split("\r\n").at(-2)).toBe("line 19999");
      expect(stdout.split("\r\n").length).toBe(20_001);
    });

    test("interactive: echo, the end of input, and a size that changes", async () => {
      let seen = "";
      const more = Promise.withResolvers<void>();
      async function* keys() {
        yield "hello\n";
        await more.promise;
        yield "bye\n";
      }
      const script = `trap 'stty size' WINCH; tty; stty size; while read line; do echo "got $line"; done; echo over`;
      const started = await on.pebble.startExec(["/bin/bash", "-c", script], {
        terminal: SIZE,
        interactive: true,
        stdin: keys(),
        onStdout: (chunk) => {
          seen += new TextDecoder().decode(chunk);
        },
      });
      const shows = (text: string) =>
        until(
          async () => seen,
          (all) => all.includes(text),
        );
      await shows("got hello");
      started.resize({ width: 100, height: 40 });
      // The trap runs when the read has ended, so its signal must have come before.
      const terminal = /^\/dev\/.+$/m.exec(seen)?.[0] ?? "";
      await until(
        () => on.pebble.exec(["/bin/stty", "-F", terminal, "size"]),
        ({ stdout }) => stdout === "40 100\n",
      );
      more.resolve();
      await shows("got bye");
      expect((await started.result()).exitCode).toBe(0);
      const lines = seen.split("\r\n");
      // What is typed is echoed whenever it comes; the rest is in the program's order.
      const own = lines.filter((line) => !["hello", "bye"].includes(line));
      expect(own).toEqual([terminal, "30 90", "got hello", "40 100", "got bye", "over", ""]);
      expect(lines).toContain("hello");
    });

    test("interactive: a key interrupts", async () => {
      const ready = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      async function* keys() {
        await ready.promise;
        yield "\x03";
        await over.promise;
      }
      const started = await on.pebble.startExec(["/bin/sh", "-c", "echo ready; exec sleep 60"], {
        terminal: SIZE,
        interactive: true,
        stdin: keys(),
        onStdout: () => ready.resolve(),
      });
      expect((await started.result()).exitCode).toBe(130);
      over.resolve();
    });

    test("interactive without a terminal is refused", async () => {
      expect(await refusal(on.pebble.exec(["/bin/true"], { interactive: true }))).toMatchObject({
        status: 500,
        detail: "cannot call exec: cannot use interactive mode without a terminal",
      });
    });
  });
}
