import { setTimeout as delay } from "node:timers/promises";
import type { ModelSummary } from "../../api.ts";
import { LocalError } from "../../errors.ts";
import { DEFAULT_LOGGING } from "../log-levels.ts";
import type { ModelHost } from "../model-host.ts";
import { type MethodTable, nothing } from "./method.ts";

/** What a model says that nobody configured, as far as it matters here. */
const MODEL_DEFAULTS: Readonly<Record<string, unknown>> = {
  "automatically-retry-hooks": true,
  "default-base": "",
  "juju-ftp-proxy": "",
  "juju-http-proxy": "",
  "juju-https-proxy": "",
  "juju-no-proxy": "127.0.0.1,localhost,::1",
  "logging-config": DEFAULT_LOGGING,
  mode: "requires-prompts",
  "secret-backend": "auto",
  "test-mode": false,
  "update-status-hook-interval": "5m",
};

function summary(host: ModelHost): ModelSummary {
  const { applications, units, created } = host.model.state;
  return {
    name: host.name,
    uuid: host.uuid,
    applications: Object.keys(applications).length,
    units: Object.keys(units).length,
    created,
    life: host.life,
  };
}

/** Typed as the default is; text comes from a command line. */
function configValue(key: string, value: unknown): unknown {
  if (typeof MODEL_DEFAULTS[key] !== "boolean" || typeof value === "boolean") return value;
  if (/^(true|1|t)$/i.test(String(value))) return true;
  if (/^(false|0|f)$/i.test(String(value))) return false;
  throw new LocalError("ERR_CONFIG", `${key}: expected bool, got string("${String(value)}")`);
}

/** Waits for the model's next step; the timer is for steps outside the engine. */
async function step(host: ModelHost, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = AbortSignal.any([over.signal, signal]);
  const timer = delay(500, undefined, { signal: end }).catch(() => undefined); // Ends early when the step came.
  await Promise.race([new Promise<void>((resolve) => host.once("change", resolve)), timer]);
  over.abort();
}

export const models: MethodTable<
  "controller" | "models" | "addModel" | "switch" | "destroyModel" | "modelConfig" | "setModelConfig"
> = {
  controller: ({ controller }) => ({
    controller: "local",
    uuid: controller.uuid,
    version: controller.version,
    pid: process.pid,
    cloud: "localhost",
    region: "localhost",
  }),

  models: ({ controller }) => ({ models: controller.models.map(summary), current: controller.current }),

  addModel: ({ controller, params }) => {
    const { name } = params;
    if (!/^[a-z0-9]+[a-z0-9-]*$/.test(name)) {
      const text = `"${name}" is not a valid name: model names may only contain lowercase letters, digits and hyphens`;
      throw new LocalError("ERR_USAGE", text, { exitCode: 2 });
    }
    if (controller.hasModel(name)) {
      throw new LocalError(
        "ERR_ALREADY_EXISTS",
        `failed to create new model: model "${name}" for admin already exists`,
      );
    }
    const host = controller.addModel(name);
    if (params.config) host.change((model) => model.setModelConfig(params.config ?? {}));
    if (params.switch !== false) controller.setCurrent(name);
    return summary(host);
  },

  switch: ({ controller, params }) => {
    const name = params.model.replace(/^(local:)?(admin\/)?/, "");
    if (!controller.hasModel(name)) {
      throw new LocalError("ERR_NOT_FOUND", `"${params.model}" is not the name of a model or controller`);
    }
    const from = controller.current;
    controller.setCurrent(name);
    return { from, to: name };
  },

  destroyModel: async ({ controller, params, progress, signal }) => {
    const host = controller.model(params.model);
    host.life = "dying";
    const names = Object.keys(host.model.state.applications);
    host.change((model) => {
      for (const name of names)
        model.removeApplication(name, { force: params.force ?? false, destroyStorage: true });
    });
    for (;;) {
      const left = Object.keys(host.model.state.applications).length;
      progress({ applications: left });
      if (left === 0) break;
      signal.throwIfAborted();
      await step(host, signal);
    }
    await controller.removeModel(host);
    return nothing;
  },

  modelConfig: ({ controller, params }) => {
    const set = controller.model(params.model).model.modelConfig;
    const all = { ...MODEL_DEFAULTS, ...set };
    const entries = Object.keys(all)
      .sort()
      .map((key) => {
        const source = Object.hasOwn(set, key) ? "model" : "default";
        return [key, { value: all[key], source }] as const;
      });
    return Object.fromEntries(entries);
  },

  setModelConfig: ({ controller, params }) => {
    const set = Object.entries(params.set ?? {}).map(
      ([key, value]) => [key, configValue(key, value)] as const,
    );
    const reset = (params.reset ?? []).map((key) => [key, undefined] as const);
    controller
      .model(params.model)
      .change((model) => model.setModelConfig(Object.fromEntries([...set, ...reset])));
    return nothing;
  },
};
