import type { ApplicationStatus } from "../../hook/commands/status.ts";
import type { CloudSpec, GoalState } from "../../hook/commands/unit.ts";
import { HookCommandError } from "../../hook/errors.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import { sensitive } from "../../hook/sensitive.ts";
import type { AttachedStorage, ImageResource, Network } from "../context.ts";
import { NotTrustedError, ResourceMissingError } from "../errors.ts";
import { requireJuju } from "../juju-version.ts";
import { failedWith } from "./command-failure.ts";
import type { Invocation } from "./environment.ts";
import type { Redactor } from "./redactor.ts";
import { byUnitNumber } from "./relation-views.ts";

/** What questions need. */
export interface QuestionsInput {
  readonly juju: HookCommands;
  readonly invocation: Invocation;
  readonly redactor: Redactor;
}

/** Questions that are asked when a handler reads the answer; each once in a hook. */
export interface Questions {
  network(binding: string, options?: { readonly relation?: number }): Promise<Network>;
  resource(name: string): Promise<string>;
  image(name: string): Promise<ImageResource>;
  storage(name: string): Promise<readonly AttachedStorage[]>;
  goalState(): Promise<GoalState>;
  remoteModelUuid(relation: { readonly id: number }): Promise<string>;
  cloud(): Promise<CloudSpec>;
  appStatus(): Promise<ApplicationStatus | undefined>;
}

/** Answers what handlers ask for, and remembers it. */
export function questions(input: QuestionsInput): Questions {
  const { juju, invocation } = input;
  const memory = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const answer = (memory.get(key) as Promise<T> | undefined) ?? ask();
    memory.set(key, answer);
    return answer;
  };
  const resource = (name: string) => once(`resource ${name}`, () => resourceOf(juju, name));
  return {
    network: (binding, { relation } = {}) =>
      once(`network ${binding} ${relation}`, () => networkOf(juju, binding, relation)),
    resource,
    image: (name) => once(`image ${name}`, async () => await readImage(await resource(name), input)),
    storage: (name) => once(`storage ${name}`, () => storageOf(juju, name, invocation.detaching)),
    goalState: () => once("goal state", () => juju.goalState()),
    remoteModelUuid: ({ id }) => once(`model ${id}`, async () => (await juju.relationModelGet(id)).uuid),
    cloud: () => once("cloud", () => cloudOf(input)),
    appStatus: () => once("application status", () => appStatusOf(juju)),
  };
}

async function networkOf(
  juju: HookCommands,
  binding: string,
  relation: number | undefined,
): Promise<Network> {
  try {
    const info = await juju.networkGet({ binding, ...(relation === undefined ? {} : { relation }) });
    const interfaces = info["bind-addresses"].flatMap((bound) =>
      bound.addresses.map(({ value, hostname, cidr }) => ({
        name: bound["interface-name"],
        address: value,
        hostname,
        subnet: cidr,
      })),
    );
    return {
      bindAddress: interfaces[0]?.address,
      ingressAddress: info["ingress-addresses"][0],
      egressSubnets: info["egress-subnets"],
      ingressAddresses: info["ingress-addresses"],
      interfaces,
    };
  } catch (error) {
    if (!failedWith(error, "not-found")) throw error;
    // No address yet.
    return {
      bindAddress: undefined,
      ingressAddress: undefined,
      egressSubnets: [],
      ingressAddresses: [],
      interfaces: [],
    };
  }
}

async function resourceOf(juju: HookCommands, name: string): Promise<string> {
  try {
    return await juju.resourceGet(name);
  } catch (cause) {
    if (failedWith(cause, "not-found")) throw new ResourceMissingError(name, { cause });
    throw cause;
  }
}

/** `content.yaml` of an image. The library is loaded here: few charms read images. */
async function readImage(path: string, { redactor }: QuestionsInput): Promise<ImageResource> {
  const { parse } = await import("yaml");
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  const content = (parse(await readFile(path, "utf8")) ?? {}) as Readonly<Record<string, unknown>>;
  const text = (key: string) => (content[key] ? String(content[key]) : undefined);
  const password = text("password");
  if (password !== undefined) redactor.add(password);
  return {
    registryPath: text("registrypath") ?? "",
    username: text("username"),
    password: password === undefined ? undefined : sensitive(password),
  };
}

async function storageOf(
  juju: HookCommands,
  name: string,
  detaching: string | undefined,
): Promise<readonly AttachedStorage[]> {
  const ids = (await juju.storageList(name)).filter((id) => id !== detaching);
  const found = await Promise.all(ids.map((id) => attached(juju, id)));
  return found.filter((one) => one !== undefined).sort((a, b) => byUnitNumber(a.id, b.id));
}

/** `undefined` while the instance is listed and not there yet. */
async function attached(juju: HookCommands, id: string): Promise<AttachedStorage | undefined> {
  try {
    return { id, location: (await juju.storageGet(id)).location };
  } catch (error) {
    if (error instanceof HookCommandError && /not provisioned|not found/.test(error.stderr)) return undefined;
    throw error;
  }
}

async function appStatusOf(juju: HookCommands): Promise<ApplicationStatus | undefined> {
  try {
    return await juju.applicationStatusGet();
  } catch (error) {
    if (failedWith(error, "not-leader")) return undefined;
    throw error;
  }
}

async function cloudOf({ juju, invocation, redactor }: QuestionsInput): Promise<CloudSpec> {
  const { jujuVersion, place, app } = invocation;
  if (place.kubernetes) requireJuju(jujuVersion, "cloud credentials on Kubernetes");
  try {
    const cloud = await juju.credentialGet();
    for (const value of Object.values(cloud.credential?.attrs ?? {})) redactor.add(value.reveal());
    return cloud;
  } catch (cause) {
    if (failedWith(cause, "permission-denied")) throw new NotTrustedError(app, { cause });
    throw cause;
  }
}
