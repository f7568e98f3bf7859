import type { Command } from "./command.ts";

type Group = Readonly<Record<string, Command>>;

/** Groups are loaded when one of their commands is called: starting must be quick. */
const groups: readonly { readonly names: string; readonly load: () => Promise<Group> }[] = [
  { names: "status", load: async () => (await import("./commands/status.ts")).commands },
  {
    names: "add-model models switch show-model destroy-model model-config",
    load: async () => (await import("./commands/models.ts")).commands,
  },
  {
    names: "version whoami controllers clouds show-controller",
    load: async () => (await import("./commands/controllers.ts")).commands,
  },
  { names: "deploy", load: async () => (await import("./commands/deploy.ts")).commands },
  {
    names: "refresh resources attach-resource",
    load: async () => (await import("./commands/refresh.ts")).commands,
  },
  {
    names: "scale-application add-unit remove-unit remove-application trust expose unexpose resolved",
    load: async () => (await import("./commands/applications.ts")).commands,
  },
  {
    names: "integrate remove-relation",
    load: async () => (await import("./commands/relations.ts")).commands,
  },
  {
    names: "offer remove-offer consume remove-saas",
    load: async () => (await import("./commands/offers.ts")).commands,
  },
  {
    names: "offers find-offers show-offer",
    load: async () => (await import("./commands/find-offers.ts")).commands,
  },
  {
    names: "add-secret update-secret remove-secret grant-secret revoke-secret",
    load: async () => (await import("./commands/secrets.ts")).commands,
  },
  { names: "secrets show-secret", load: async () => (await import("./commands/show-secrets.ts")).commands },
  { names: "config", load: async () => (await import("./commands/config.ts")).commands },
  { names: "show-unit show-application", load: async () => (await import("./commands/show.ts")).commands },
  {
    names: "run exec show-task cancel-task",
    load: async () => (await import("./commands/tasks.ts")).commands,
  },
  {
    names: "operations show-operation actions show-action",
    load: async () => (await import("./commands/operations.ts")).commands,
  },
  { names: "debug-log", load: async () => (await import("./commands/debug-log.ts")).commands },
];

const aliases: Readonly<Record<string, string>> = {
  attach: "attach-resource",
  "list-actions": "actions",
  "list-clouds": "clouds",
  "list-controllers": "controllers",
  "list-models": "models",
  "list-offers": "offers",
  "list-operations": "operations",
  "list-resources": "resources",
  "list-secrets": "secrets",
  relate: "integrate",
  resolve: "resolved",
};

/** The command of that name or alias, if the local model has it. */
export async function findCommand(name: string): Promise<Command | undefined> {
  const real = aliases[name] ?? name;
  const group = groups.find(({ names }) => names.split(" ").includes(real));
  return group ? (await group.load())[real] : undefined;
}

/** Every command by name, sorted. */
export async function allCommands(): Promise<[string, Command][]> {
  const loaded = await Promise.all(groups.map(({ load }) => load()));
  return loaded.flatMap((group) => Object.entries(group)).sort(([a], [b]) => (a < b ? -1 : 1));
}
