import { cpSync, existsSync, mkdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { CharmMetadata, Model } from "../../../model/index.ts";
import type { Deployed } from "../../api.ts";
import type { CharmSource } from "../../charm-store/store.ts";
import { LocalError } from "../../errors.ts";
import { imageFolder } from "../../image/image.ts";
import type { Controller } from "../controller.ts";
import type { ModelHost } from "../model-host.ts";
import { type MethodTable, nothing } from "./method.ts";

const CHANNEL = "latest/stable";

/** Checks that every image has something that stands for it, before anything changes. */
function checkImages({ charm }: CharmSource, given: Readonly<Record<string, string>>): void {
  const missing = Object.entries(charm.metadata.containers)
    .filter(([name, { resource }]) => {
      return resource !== undefined && imageFolder(given[resource], charm.localImages[name]) === undefined;
    })
    .map(([, { resource = "" }]) => resource);
  const [named] = missing.filter((resource) => given[resource] !== undefined);
  if (named !== undefined) {
    throw new LocalError(
      "ERR_NOT_FOUND",
      `Cannot run the image ${given[named]} here: the local model has no registry, ${named} should be a folder with a "bin"`,
    );
  }
  if (missing.length === 0) return;
  throw new LocalError("ERR_NOT_FOUND", `local charm missing OCI images for: ${missing.sort().join(", ")}`);
}

/** Copies file resources, because the operator's files come and go. */
function keepFiles(
  controller: Controller,
  o: { host: ModelHost; application: string; charm: CharmMetadata; given: Readonly<Record<string, string>> },
): Record<string, string> {
  const entries = Object.entries(o.given).map(([name, value]) => {
    const resource = o.charm.resources[name];
    if (resource?.type !== "file") return [name, value] as const;
    if (!isAbsolute(value) || !existsSync(value)) {
      throw new LocalError("ERR_NOT_FOUND", `resource "${name}": open ${value}: no such file or directory`);
    }
    const folder = join(controller.dir.state, "resources", o.host.uuid, o.application, name);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, resource.filename ?? name);
    cpSync(value, path);
    return [name, path] as const;
  });
  return Object.fromEntries(entries);
}

function deployed(host: ModelHost, name: string): Deployed {
  const app = host.model.state.applications[name];
  if (!app) throw new LocalError("ERR_NOT_FOUND", `application "${name}" not found`);
  const { source, revision, channel, base } = app.origin;
  const origin = source === "local" ? "local" : "store";
  return { application: name, charm: app.charm.name, revision, origin, channel, base };
}

function originOf({ origin, charm }: CharmSource, channel: string | undefined, base: string | undefined) {
  const shared = { base: base ?? charm.base };
  if (origin === "local") return { ...shared, source: "local" as const };
  return { ...shared, source: "charm-hub" as const, revision: charm.revision, channel: channel ?? CHANNEL };
}

function nameTaken(name: string): LocalError {
  const text = [
    `cannot add application "${name}": application already exists`,
    "deploy application using an alias name:",
    "    juju deploy <application> <alias>",
    "or use remove-application to remove the existing one and try again.",
  ];
  return new LocalError("ERR_ALREADY_EXISTS", text.join("\n"));
}

export const applications: MethodTable<
  "deploy" | "refresh" | "scale" | "removeApplication" | "trust" | "expose" | "attachResource" | "resources"
> = {
  deploy: async ({ controller, params }) => {
    const host = controller.model(params.model);
    const source = await controller.charms.fetch(params.charm);
    const { charm } = source;
    const name = params.application ?? charm.metadata.name;
    try {
      if (host.model.state.applications[name]) throw nameTaken(name);
      const given = params.resources ?? {};
      checkImages(source, given);
      const resources = keepFiles(controller, { host, application: name, charm: charm.metadata, given });
      const deploy = (model: Model): void => {
        model.deploy(charm.metadata, {
          app: name,
          ...(params.units === undefined ? {} : { units: params.units }),
          ...(params.config ? { config: params.config } : {}),
          trust: params.trust ?? false,
          resources,
          charmOrigin: originOf(source, params.channel, params.base),
        });
      };
      controller.charms.keepFor(charm, controller.charmFolder(host, name), () => host.change(deploy));
    } catch (error) {
      controller.charms.discard(charm);
      throw error;
    }
    return deployed(host, name);
  },

  refresh: async ({ controller, params }) => {
    const host = controller.model(params.model);
    const { application: name } = params;
    const before = deployed(host, name);
    if (before.origin === "local" && params.path === undefined) {
      throw new LocalError("ERR_USAGE", "refreshing a local charm requires either --path or --switch");
    }
    const source = await controller.charms.fetch(params.path ?? before.charm);
    const { charm } = source;
    try {
      const given = params.resources ?? {};
      const app = host.model.state.applications[name];
      checkImages(source, { ...(app?.resources as Record<string, string>), ...given });
      const resources = keepFiles(controller, { host, application: name, charm: charm.metadata, given });
      const refresh = (model: Model): void => {
        model.refresh(name, charm.metadata, {
          ...(params.config ? { config: params.config } : {}),
          resources,
          charmOrigin: originOf(source, before.channel || undefined, before.base),
          forceUnits: params.forceUnits ?? false,
        });
        if (params.trust !== undefined) model.trust(name, params.trust);
      };
      controller.charms.keepFor(charm, controller.charmFolder(host, name), () => host.change(refresh));
    } catch (error) {
      controller.charms.discard(charm);
      throw error;
    }
    return { ...deployed(host, name), changed: true };
  },

  scale: ({ controller, params }) => {
    const host = controller.model(params.model);
    const name = params.application;
    const app = host.model.state.applications[name];
    if (!app) throw new LocalError("ERR_NOT_FOUND", `application "${name}" not found`);
    const units = "units" in params ? params.units : app.scale + params.by;
    host.change((model) => model.scale(name, units));
    return { units };
  },

  removeApplication: ({ controller, params }) => {
    const host = controller.model(params.model);
    const { application } = params;
    if (!host.model.state.applications[application]) {
      const text = `removing application ${application} failed: application "${application}" not found`;
      throw new LocalError("ERR_NOT_FOUND", text);
    }
    const units = Object.values(host.model.state.units).filter(({ app }) => app === application);
    if (!params.dryRun) {
      const options = { force: params.force ?? false, destroyStorage: params.destroyStorage ?? false };
      host.change((model) => model.removeApplication(application, options));
    }
    return {
      application,
      units: units.map(({ name }) => name),
      storage: units.flatMap(({ storage }) => storage.map(({ id }) => id)),
    };
  },

  trust: ({ controller, params }) => {
    controller.model(params.model).change((model) => model.trust(params.application, params.trust));
    return nothing;
  },

  expose: ({ controller, params }) => {
    controller.model(params.model).change((model) => model.expose(params.application, params.exposed));
    return nothing;
  },

  attachResource: ({ controller, params }) => {
    const host = controller.model(params.model);
    const app = host.model.state.applications[params.application];
    if (!app) throw new LocalError("ERR_NOT_FOUND", `application "${params.application}" not found`);
    const resources = { [params.name]: params.value };
    host.change((model) => {
      const kept = keepFiles(controller, { host, application: app.name, charm: app.charm, given: resources });
      model.refresh(app.name, undefined, { resources: kept });
    });
    return nothing;
  },

  resources: ({ controller, params }) => {
    const host = controller.model(params.model);
    const app = host.model.state.applications[params.application];
    if (!app) throw new LocalError("ERR_NOT_FOUND", `application "${params.application}" not found`);
    return Object.entries(app.charm.resources).map(([name, { type }]) => {
      return { name, type, value: String(app.resources[name] ?? "") };
    });
  },
};
