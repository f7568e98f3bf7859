/**
 * Decisions a second beside a bare `node:http` server that answers the same bytes, in one sitting, by one client.
 *
 *   node workload/forward-auth/bench/decisions.ts [--seconds 3] [--log]
 *
 * Client and servers are processes of their own; with two cores they do not share one. The ratio is what counts: the numbers
 * themselves depend on the machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { startPoint } from "../testing/point.ts";
import { forwarded } from "../testing/question.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    log: { type: "boolean", default: false },
    serve: { type: "string" },
  },
});

const RULES = {
  version: 1 as const,
  applications: Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `app-${index}`,
      {
        routes: [{ hosts: ["gw.localhost:8443"], paths: [`/app-${index}`] }],
        allow: { email_domains: ["example.com"], groups: ["ops"] },
        anonymous_paths: [`^/app-${index}/health$`],
      },
    ]),
  ),
};

/** The decision point as a process of its own; tells its port and a signed-in cookie. */
async function servePoint(): Promise<void> {
  const point = await startPoint(RULES, {
    OAUTH2_PROXY_DECISION_MODE: "forwarded",
    OAUTH2_PROXY_REDIRECT_URL: "https://gw.localhost:8443/p/oauth2/callback",
    OAUTH2_PROXY_REQUEST_LOGGING: String(values.log),
    OAUTH2_PROXY_STANDARD_LOGGING: "false",
  });
  setInterval(() => point.log.splice(0), 100);
  process.send?.({ port: point.port, cookie: point.cookie() });
}

/** A server that decides nothing. */
async function serveBare(): Promise<void> {
  const { createServer } = await import("node:http");
  const headers = [
    "Gap-Auth",
    "ada@example.com",
    "X-Auth-Request-User",
    "sub-1",
    "X-Auth-Request-Email",
    "ada@example.com",
  ];
  headers.push(
    "X-Auth-Request-Preferred-Username",
    "Ada",
    "X-Auth-Request-Groups",
    "ops",
    "Content-Length",
    "0",
  );
  const server = createServer({ noDelay: true, keepAliveTimeout: 120_000 }, (_, response) => {
    response.writeHead(200, headers);
    response.end();
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object") process.send?.({ port: address?.port, cookie: "_oauth2_proxy=x" });
  });
}

interface Subject {
  readonly child: ChildProcess;
  readonly port: number;
  readonly cookie: string;
}

async function startSubject(kind: string): Promise<Subject> {
  const args = [
    ...process.execArgv,
    import.meta.filename,
    `--serve=${kind}`,
    ...(values.log ? ["--log"] : []),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [{ port, cookie }] = (await once(child, "message")) as [{ port: number; cookie: string }];
  return { child, port, cookie };
}

/** Asks again and again on one connection, 8 questions under way. */
function hammer(socket: Socket, question: Buffer, depth: number, count: (answers: number) => void): void {
  socket.on("data", (chunk) => {
    let answers = 0;
    for (let at = chunk.indexOf("HTTP/1.1 200"); at !== -1; at = chunk.indexOf("HTTP/1.1 200", at + 12))
      answers++;
    count(answers);
    for (let index = 0; index < answers; index++) socket.write(question);
  });
  for (let index = 0; index < depth; index++) socket.write(question);
}

/** Answers a second. */
async function measure({ port, cookie }: Subject, seconds: number): Promise<number> {
  const lines = forwarded({ uri: "/app-7/index.html?x=1" });
  const headers = Array.from(
    { length: lines.length / 2 },
    (_, index) => `${lines[index * 2]}: ${lines[index * 2 + 1]}`,
  );
  const question = Buffer.from(
    `GET / HTTP/1.1\r\nHost: h\r\n${headers.join("\r\n")}\r\nAccept: text/html\r\nCookie: ${cookie}\r\n\r\n`,
  );
  let answers = 0;
  const sockets = Array.from({ length: 16 }, () => connect(port, "127.0.0.1"));
  for (const socket of sockets) hammer(socket, question, 2, (count) => (answers += count));
  const begin = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const rate = (answers / (performance.now() - begin)) * 1000;
  for (const socket of sockets) socket.destroy();
  return rate;
}

async function compare(): Promise<void> {
  const subjects = { bare: await startSubject("bare"), decisions: await startSubject("point") };
  const seconds = Number(values.seconds);
  const rates: Record<string, number[]> = { bare: [], decisions: [] };
  for (const subject of Object.values(subjects)) await measure(subject, 1);
  for (let round = 0; round < 3; round++) {
    for (const [name, subject] of Object.entries(subjects))
      rates[name]?.push(await measure(subject, seconds));
  }
  for (const { child } of Object.values(subjects)) child.kill();
  const median = (list: readonly number[] = []) =>
    list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  const [bare, decisions] = [median(rates["bare"]), median(rates["decisions"])];
  console.log(`bare node:http     ${Math.round(bare)} answers/s`);
  console.log(
    `decisions          ${Math.round(decisions)} answers/s, request log ${values.log ? "on" : "off"}`,
  );
  console.log(`ratio              ${(decisions / bare).toFixed(2)}`);
  console.log(`cost of a decision ${((1 / decisions - 1 / bare) * 1e6).toFixed(1)} µs more than an answer`);
}

if (values.serve === "point") await servePoint();
else if (values.serve === "bare") await serveBare();
else await compare();
