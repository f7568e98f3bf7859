import fc from "fast-check";
import { expect, test } from "vitest";
import { isLocalError } from "../errors.ts";
import { parseFlags } from "./flags.ts";
import { runJuju } from "./testdata.ts";

test("a command that Juju has and we lack is refused", async () => {
  const { code, stderr } = await runJuju(["bind", "web"]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'ERROR the local model does not support "bind"\n' });
});

test("the model comes from -m, then from JUJU_MODEL, in every spelling", async () => {
  const answers = { setConfig: () => ({}) };
  const env = { JUJU_MODEL: "local:admin/two" };
  const named = await runJuju(["config", "-m", "admin/one", "web", "a=1"], answers, { env });
  const around = await runJuju(["config", "web", "a=1"], answers, { env });
  expect([named.calls[0]?.[1]["model"], around.calls[0]?.[1]["model"]]).toEqual(["one", "two"]);
});

test("removing an application asks first, and no is no", async () => {
  const answers = {
    modelConfig: () => ({ mode: { value: "requires-prompts", source: "default" } }),
    removeApplication: () => ({ application: "web", units: ["web/0"], storage: ["data/0"] }),
  };
  const no = await runJuju(["remove-application", "web"], answers, { input: async () => "n\n" });
  expect(no.code).toBe(1);
  expect(no.stderr).toContain("- will remove unit web/0\n- will detach storage data/0\n\nContinue [y/N]? ");
  expect(no.calls.filter(([, params]) => params["dryRun"] === false)).toEqual([]);
  const yes = await runJuju(["remove-application", "web"], answers, { input: async () => "y\n" });
  expect(yes.code).toBe(0);
  expect(yes.calls.filter(([, params]) => params["dryRun"] === false)).toHaveLength(1);
});

test("a wait that passes its time ends with exit code 1, and says for which units", async () => {
  const answers = {
    run: () => ({ operation: "1", tasks: [{ id: "2", unit: "web/0" }], errors: [] }),
    wait: () => ({ tasks: [], timedOut: true }),
  };
  const { code, stderr } = await runJuju(["run", "web/0", "slow", "--wait", "0.001s"], answers);
  expect(code).toBe(1);
  expect(stderr).toMatch(/ERROR timed out waiting for results from: unit web\/0\n$/);
});

test("help names every command", async () => {
  const { code, stdout } = await runJuju(["help"]);
  expect(code).toBe(0);
  for (const name of ["deploy", "integrate", "status", "run", "debug-log"])
    expect(stdout).toContain(`  ${name} `);
});

test("parseFlags() takes any words: an answer, or wrong usage", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("--", "-n", "--n=1", "--utc", "-", "--=x", "--format", "x"),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        const { args } = parseFlags(words, { n: "int", utc: "bool", format: "text", wait: "duration" });
        return args.every((arg) => words.includes(arg));
      } catch (error) {
        return isLocalError(error) && error.exitCode === 2;
      }
    }),
  );
});
