import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ChangeError, ExecError } from "../index.ts";
import { failure, refusal, type Site, SLEEPER, service } from "./ground.ts";

export function exec(on: Site): void {
  const { at, raw } = on;
  describe("exec", () => {
    test("gives input, takes output apart, and says how it ended", async () => {
      const script = 'read line; echo "got $line"; echo problem >&2; exit 5';
      const started = await on.pebble.startExec(["/bin/sh", "-c", script], { stdin: "some input\n" });
      expect(await started.result()).toEqual({
        exitCode: 5,
        stdout: "got some input\n",
        stderr: "problem\n",
      });
      const change = await on.pebble.change(started.changeId);
      expect(change).toMatchObject({ kind: "exec", summary: 'Execute command "/bin/sh"', status: "Done" });
      expect(change.tasks[0]!.data).toEqual({ "exit-code": 5 });
    });

    test("without input a program that reads sees the end", async () => {
      expect(await on.pebble.exec(["/bin/cat"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    });

    test("moves much in both directions", async () => {
      const stdin = "0123456789abcdef\n".repeat(20_000);
      const { stdout } = await on.pebble.exec(["/bin/cat"], { stdin });
      expect(stdout === stdin).toBe(true);
    });

    test("standard error goes into standard output when asked", async () => {
      const options = { combineStderr: true };
      const { stdout, stderr } = await on.pebble.exec(["/bin/sh", "-c", "echo out; echo err >&2"], options);
      expect({ lines: stdout.split("\n").sort(), stderr }).toEqual({
        lines: ["", "err", "out"],
        stderr: "",
      });
    });

    test("a failed command is an error with its words", async () => {
      const error = await failure(on.pebble.exec(["/bin/sh", "-c", "echo no >&2; exit 7"]));
      expect(error).toBeInstanceOf(ExecError);
      expect(error).toMatchObject({ program: "/bin/sh", exitCode: 7, stderr: "no\n" });
    });

    test("signals reach it", async () => {
      const started = await on.pebble.startExec(["/bin/sleep", "60"]);
      started.signal("SIGTERM");
      expect(await started.result()).toMatchObject({ exitCode: 143 });
    });

    test("is killed when it takes too long", async () => {
      const error = (await failure(on.pebble.exec(["/bin/sleep", "60"], { timeoutMs: 100 }))) as ChangeError;
      expect(error).toBeInstanceOf(ChangeError);
      expect(error.change.err).toContain("timed out after 100ms: context deadline exceeded");
      expect(error.change.tasks[0]!.data).toEqual({ "exit-code": -1 });
    });

    test("runs where and with what it is told, on top of a service's", async () => {
      await on.pebble.makeDir(at("here"));
      await on.pebble.addLayer(
        "a",
        service(SLEEPER, { environment: { A: "1", B: "1" }, "working-dir": at("here") }),
      );
      const script = "echo $A $B $C; pwd";
      const { stdout } = await on.pebble.exec(["/bin/sh", "-c", script], {
        serviceContext: "web",
        environment: { B: "2", C: "3" },
      });
      expect(stdout).toMatch(/^1 2 3\n.*\/here\n$/);
    });

    test.each([
      ["an unknown context", { serviceContext: "x" }, 400, 'context service "x" not found'],
      [
        "a missing directory",
        { workingDir: "/no/such/dir" },
        500,
        'cannot call exec: working directory "/no/such/dir" does not exist',
      ],
    ])("%s is refused", async (_what, options, status, detail) => {
      expect(await refusal(on.pebble.exec(["/bin/true"], options))).toMatchObject({ status, detail });
    });

    test("streams: input as it comes, output as bytes, one answering the other", async () => {
      const heard: string[] = [];
      let answer = Promise.withResolvers<string>();
      async function* talk() {
        yield "one\n";
        heard.push(await answer.promise);
        answer = Promise.withResolvers();
        yield new TextEncoder().encode("two\n");
        heard.push(await answer.promise);
      }
      const errors: Uint8Array[] = [];
      const started = await on.pebble.startExec(
        ["/bin/sh", "-c", 'while read line; do printf "$line:\\377" ; done; printf "\\376" >&2'],
        {
          stdin: talk(),
          onStdout: (chunk) => answer.resolve(Buffer.from(chunk).toString("latin1")),
          onStderr: async (chunk) => void errors.push(chunk),
        },
      );
      expect(await started.result()).toEqual({ exitCode: 0, stdout: "", stderr: "" });
      expect(heard).toEqual(["one:\xff", "two:\xff"]);
      expect(Buffer.concat(errors)).toEqual(Buffer.from([0xfe]));
    });

    test("takes a Node.js stream, and hands over what a slow listener has not taken yet", async () => {
      const input = new Uint8Array(400_000).map((_, index) => index % 253);
      const chunks: Uint8Array[] = [];
      await on.pebble.exec(["/bin/cat"], {
        stdin: Readable.from([input.subarray(0, 150_000), input.subarray(150_000)]),
        onStdout: async (chunk) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          chunks.push(chunk);
        },
      });
      expect(Buffer.concat(chunks).equals(Buffer.from(input))).toBe(true);
    });

    test("an input that fails is the failure of the command, which sees its end", async () => {
      async function* broken() {
        yield "begun\n";
        throw new Error("the input is broken");
      }
      const started = await on.pebble.startExec(["/bin/cat"], { stdin: broken() });
      expect(await failure(started.result())).toMatchObject({ message: "the input is broken" });
      expect(await on.pebble.waitChange(started.changeId)).toMatchObject({ status: "Done" });
    });

    test("a listener that fails is the failure of the command", async () => {
      const options = {
        onStdout: () => {
          throw new Error("no room");
        },
      };
      expect(await failure(on.pebble.exec(["/bin/echo", "x"], options))).toMatchObject({
        message: "no room",
      });
    });

    const overSocket = on.hasSocket ? test : test.skip;
    overSocket("is killed when its control connection breaks off (in process none can)", async () => {
      const { change, result } = await on.raw("POST", "/v1/exec", { command: ["/bin/sleep", "60"] });
      const open = async (name: string) => {
        const socket = new WebSocket(
          `ws+unix:${on.socketPath}:/v1/tasks/${result["task-id"]}/websocket/${name}`,
        );
        socket.on("error", () => undefined);
        await new Promise((resolve) => socket.once("open", resolve));
        return socket;
      };
      const control = await open("control");
      const stdio = await open("stdio");
      control.terminate();
      const { tasks } = await on.pebble.waitChange(change);
      expect(tasks[0]?.data).toEqual({ "exit-code": 137 });
      stdio.terminate();
    });

    test("its websockets are connected once, by their names", async () => {
      const { result } = await raw("POST", "/v1/exec", { command: ["/bin/cat"] });
      const open = (name: string) =>
        on.transport.websocket!(`/v1/tasks/${result["task-id"]}/websocket/${name}`);
      const control = await open("control");
      expect(await failure(open("control"))).toMatchObject({
        message: expect.stringContaining("status 500"),
      });
      expect(await failure(open("stderr"))).toMatchObject({
        message: expect.stringContaining("status 404"),
      });
      const stdio = await open("stdio");
      stdio.send(JSON.stringify({ command: "end" }));
      for await (const message of stdio.messages) if (typeof message === "string") break;
      for (const socket of [control, stdio]) socket.close();
    });
  });
}
