import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answer, commandFolder, contextId } from "../fixtures/agent.ts";
import { type AgentReply, type AgentRequest, type AgentSocketServer, serveAgentSocket } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-"));
const address = join(folder, "agent.sock");
let commands: string;
let server: AgentSocketServer;
let reply: (request: AgentRequest) => AgentReply;

beforeAll(async () => {
  commands = await commandFolder();
  server = await serveAgentSocket({ path: address, contextId, handle: (request) => reply(request) });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
  await rm(commands, { recursive: true });
});

const complete = {
  JUJU_CONTEXT_ID: contextId,
  JUJU_AGENT_SOCKET_ADDRESS: address,
  JUJU_AGENT_SOCKET_NETWORK: "unix",
};

function start(command: string, args: string[], options: { env?: object; input?: string } = {}) {
  const { env = complete, input } = options;
  return execa(join(commands, command), args, {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: "pipe" as const } : { input }),
  });
}

test("the command prints what the agent says and ends with its code", async () => {
  reply = ({ command, args, dir }) => answer(`${command} ${args} ${dir}`, 3, "ERROR no\n");
  expect(await start("config-get", ["-x", "é y"])).toMatchObject({
    stdout: `config-get -x,é y ${folder}`,
    stderr: "ERROR no\n",
    exitCode: 3,
  });
});

test("the command reads standard input only when it is asked for", async () => {
  // Its standard input stays open; a command that read it would never end.
  reply = () => answer("");
  const child = start("relation-set", ["a=b"]);
  expect((await child).exitCode).toBe(0);
  reply = ({ stdin }) => (stdin ? answer(Buffer.from(stdin).toString()) : "needs stdin");
  expect((await start("relation-set", ["--file", "-"], { input: "é: 1\n" })).stdout).toBe("é: 1\n");
});

test.each([
  ["JUJU_CONTEXT_ID", "ERROR JUJU_CONTEXT_ID not set\n"],
  ["JUJU_AGENT_SOCKET_ADDRESS", "ERROR JUJU_AGENT_SOCKET_ADDRESS not set\n"],
  ["JUJU_AGENT_SOCKET_NETWORK", "ERROR JUJU_AGENT_SOCKET_NETWORK not set\n"],
])("the command says that %s is missing", async (name, stderr) => {
  const { [name as keyof typeof complete]: _, ...env } = complete;
  expect(await start("is-leader", [], { env })).toMatchObject({ stdout: "", stderr, exitCode: 1 });
});

test("the command says why it cannot reach the agent, and why it was refused", async () => {
  const nobody = join(folder, "nobody");
  expect(
    await start("is-leader", [], { env: { ...complete, JUJU_AGENT_SOCKET_ADDRESS: nobody } }),
  ).toMatchObject({
    stderr: `ERROR dial unix ${nobody}: connect: no such file or directory\n`,
    exitCode: 1,
  });
  expect(await start("is-leader", [], { env: { ...complete, JUJU_CONTEXT_ID: "old" } })).toMatchObject({
    stderr: 'ERROR bad request: wrong context ID; got "old"\n',
    exitCode: 1,
  });
  reply = () => {
    throw new Error("the agent dies");
  };
  expect(await start("is-leader", [])).toMatchObject({ stderr: "ERROR unexpected EOF\n", exitCode: 1 });
});
