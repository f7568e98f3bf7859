/** What all measurements share: how long they take, the provider, the folder for their files, the subjects under way. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "../../../test/peers/oauth2-proxy.ts";
import { GENERATOR_CORE } from "./machine.ts";
import { COOKIE_SECRET } from "./mint/cookie.ts";
import { type Flags, NODE, type Subject, type SubjectName, startSubject } from "./subjects.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./tokens.ts";

/** How thoroughly to measure. */
export interface Effort {
  readonly quick: boolean;
  /** Seconds of one run. */
  readonly seconds: number;
  /** Seconds of load before the first run of a subject: until then much of ours is not compiled. */
  readonly warmUp: number;
  /** Runs of each subject, in turn. */
  readonly rounds: number;
  readonly connections: number;
  /** Seconds of the soak. */
  readonly soakSeconds: number;
}

/** The common ground of a sitting. */
export interface Bench {
  readonly effort: Effort;
  readonly folder: string;
  /** Issuer of the running provider. */
  readonly issuer: string;
  /** Starts a subject with flags that say the same to both programs; it is closed at the end at the latest. */
  start(
    name: SubjectName,
    flags?: Flags,
    environment?: Readonly<Record<string, string>>,
    /** Files of control groups that it goes into. */
    doors?: readonly string[],
  ): Promise<Subject>;
  /** Stops the provider, or lets it go on. */
  holdProvider(held: boolean): void;
  /** Starts something on the generator's core; it is killed at the end at the latest. */
  spawn(command: string, args: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

function baseFlags(issuer: string): Flags {
  return [
    "--provider=oidc",
    `--oidc-issuer-url=${issuer}`,
    `--client-id=${CLIENT_ID}`,
    `--client-secret=${CLIENT_SECRET}`,
    "--email-domain=*",
    `--cookie-secret=${COOKIE_SECRET}`,
    "--cookie-secure=false",
    "--set-xauthrequest",
    "--reverse-proxy",
    "--trusted-proxy-ip=127.0.0.0/8",
    "--redirect-url=http://app.example.com/oauth2/callback",
  ];
}

/** Waits until something answers 2xx at an address. */
export async function answers(url: string): Promise<void> {
  for (;;) {
    const there = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Begins a sitting: this process and what it starts on its own keep off the subjects' core. */
export async function openBench(effort: Effort): Promise<Bench> {
  execFileSync("taskset", ["-acp", GENERATOR_CORE, String(process.pid)], { stdio: "ignore" });
  const folder = mkdtempSync(path.join(tmpdir(), "bench-forward-auth-"));
  process.env["BENCH_FOLDER"] = folder;
  const children: ChildProcess[] = [];
  const subjects = new Set<Subject>();
  const run = (command: string, args: readonly string[]) => {
    const child = spawn("taskset", ["-c", GENERATOR_CORE, command, ...args], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    children.push(child);
    return child;
  };
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const [node = process.execPath, ...options] = NODE;
  const provider = run(node, [...options, path.join(import.meta.dirname, "provider.ts"), String(port)]);
  await answers(`${issuer}/.well-known/openid-configuration`);
  return {
    effort,
    folder,
    issuer,
    holdProvider: (held) => void provider.kill(held ? "SIGSTOP" : "SIGCONT"),
    spawn: run,
    async start(name, flags = [], environment = {}, doors = []) {
      const upstream = flags.some((flag) => flag.startsWith("--upstream="))
        ? []
        : ["--upstream=static://200"];
      const all = name === "bare" ? [] : [...baseFlags(issuer), ...upstream, ...flags];
      const subject = await startSubject(name, all, environment, doors);
      subjects.add(subject);
      return subject;
    },
    async close() {
      await Promise.all(Array.from(subjects, (subject) => subject.close()));
      for (const child of children) child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    },
  };
}
