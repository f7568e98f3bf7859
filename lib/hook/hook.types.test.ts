import { expectTypeOf, test } from "vitest";
import type { ConfigValue, HookCommands, HookError, HookTransport, OpenedPort, Sensitive } from "./index.ts";
import { hookCommands, inProcess, type relationGet, secretGet } from "./index.ts";

/** The compiler is what runs these tests. */
const juju = hookCommands(inProcess(() => "needs stdin"));

test("functions of the object and functions that take the transport give the same", () => {
  expectTypeOf(juju.relationGet).returns.toEqualTypeOf<ReturnType<typeof relationGet>>();
  expectTypeOf(secretGet).parameter(0).toEqualTypeOf<HookTransport>();
});

test("values have the types that Juju gives them", () => {
  expectTypeOf(juju.configGet).returns.resolves.toEqualTypeOf<Readonly<Record<string, ConfigValue>>>();
  expectTypeOf(juju.isLeader).returns.resolves.toEqualTypeOf<boolean>();
  expectTypeOf(juju.stateGet).returns.resolves.toEqualTypeOf<string | undefined>();
  expectTypeOf(juju.openedPorts).returns.resolves.toEqualTypeOf<readonly OpenedPort[]>();
});

test("a secret's values cannot be used as text by accident", () => {
  expectTypeOf(juju.secretGet).returns.resolves.toEqualTypeOf<Readonly<Record<string, Sensitive<string>>>>();
  expectTypeOf<Sensitive<string>>().not.toExtend<string>();
});

test("a secret is asked for by id, by label or both, and not by neither", () => {
  expectTypeOf<{ id: string }>().toExtend<Parameters<HookCommands["secretGet"]>[0]>();
  expectTypeOf<{ label: string }>().toExtend<Parameters<HookCommands["secretGet"]>[0]>();
  expectTypeOf<{ revision: "peek" }>().not.toExtend<Parameters<HookCommands["secretGet"]>[0]>();
});

test("a status that Juju refuses does not compile", () => {
  expectTypeOf<{ status: "error" }>().not.toExtend<Parameters<HookCommands["statusSet"]>[0]>();
  expectTypeOf<{ protocol: "icmp"; from: 1 }>().not.toEqualTypeOf<Parameters<HookCommands["openPort"]>[0]>();
});

test("a switch on the code of an error is exhaustive", () => {
  const exitCode = (error: HookError): number => {
    switch (error.code) {
      case "ERR_HOOK_COMMAND":
        return error.exitCode;
      case "ERR_HOOK_OUTPUT":
        return 0;
    }
  };
  expectTypeOf(exitCode).returns.toEqualTypeOf<number>();
});
