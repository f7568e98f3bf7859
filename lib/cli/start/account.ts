import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { stateDir } from "../../local/state-dir.ts";
import { juju } from "./juju.ts";
import { PROVIDER } from "./topology.ts";

/** Who can sign in. */
export interface Login {
  readonly email: string;
  readonly password: string;
}

const EMAIL = "ada@example.com";

const fileOf = (): string => path.join(stateDir().state, "login.json");

async function remembered(): Promise<Login | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(), "utf8")) as Login;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Runs a command in a container of a unit, as one would on Kubernetes. */
function inContainer(unit: string, container: string, command: string): Promise<string> {
  const socket = `$CHARMED_IAP_CONTAINERS/${container}/pebble.socket`;
  return juju("exec", "--unit", unit, "--", `PEBBLE_SOCKET=${socket} pebble exec -- ${command}`);
}

/** The account of this model: made the first time, with a password nobody had to invent. */
export async function login(): Promise<Login> {
  const known = await remembered();
  const unit = `${PROVIDER}/0`;
  const accounts = JSON.parse(await inContainer(unit, "hydra", "hydra accounts list --format json")) as {
    email: string;
  }[];
  if (known && accounts.some(({ email }) => email === known.email)) return known;
  const create = `hydra accounts create --email ${EMAIL} --name Ada --group staff --format json`;
  const { email, password } = JSON.parse(await inContainer(unit, "hydra", create)) as Login;
  await writeFile(fileOf(), JSON.stringify({ email, password }), { mode: 0o600 });
  return { email, password };
}
