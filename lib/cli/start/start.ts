import { connect } from "../../local/client.ts";
import { login } from "./account.ts";
import { checkLogin, signInAnswers } from "./check.ts";
import { deployAll, settled } from "./deploy.ts";
import { followJuju, juju } from "./juju.ts";
import { step } from "./progress.ts";
import { authorityCertificate, protectedUrl } from "./urls.ts";

/** How to start. */
export interface StartOptions {
  /** Sign in, print each hop, and end. */
  readonly check?: boolean;
}

/** Stops the background process and everything it runs; what was deployed is kept. */
export async function stop(): Promise<void> {
  const { stopController } = await import("../../local/cli/env.ts");
  await stopController();
}

/**
 * Deploys the Identity and Access Proxy in front of a sample application, and says where it is. Whatever is there
 * already is kept, so a second start resumes the first.
 *
 * @returns The exit code.
 */
export async function start({ check = false }: StartOptions): Promise<number> {
  const began = performance.now();
  const running = await connect({ start: false }).then(
    (client) => {
      client.close();
      return true;
    },
    () => false,
  );
  const ending = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        ending.abort();
        resolve();
      });
    }
  });
  const code = await Promise.race([run(check, began, ending.signal), interrupted.then(() => 0)]);
  if (!running || ending.signal.aborted) {
    console.log("Stopping; what was deployed is kept for the next start.");
    await stop();
  }
  return code;
}

async function run(check: boolean, began: number, ending: AbortSignal): Promise<number> {
  try {
    await deployAll();
    await step("every unit active", settled);
    const account = await step("an account to sign in with", login);
    const [url, authority] = await Promise.all([protectedUrl(), authorityCertificate()]);
    await step("the sign-in page", () => signInAnswers(url, authority));
    if (check) {
      await checkLogin({ url, login: account, authority });
      return 0;
    }
    console.log(`\n${await juju("status")}`);
    console.log(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    console.log(`\n  Open      ${url}`);
    console.log(`  E-mail    ${account.email}`);
    console.log(`  Password  ${account.password}`);
    console.log(
      "\nThe certificate is of this model's own authority; the browser asks once. Ctrl-C stops everything.\n",
    );
    await followJuju(["debug-log", "--tail"], ending);
    return 0;
  } catch (error) {
    if (ending.aborted) return 0;
    console.error((error as Error).message);
    return 1;
  }
}
