import { LocalError } from "../../errors.ts";
import { type MethodTable, nothing } from "./method.ts";

export const config: MethodTable<"config" | "setConfig" | "integrate" | "removeRelation" | "resolved"> = {
  config: ({ controller, params }) => controller.model(params.model).model.configOf(params.application),

  setConfig: ({ controller, params }) => {
    const { application, set = {}, reset = [] } = params;
    const both = reset.find((key) => Object.hasOwn(set, key));
    if (both !== undefined)
      throw new LocalError("ERR_USAGE", `cannot set and reset key "${both}" simultaneously`);
    controller.model(params.model).change((model) => {
      const { settings } = model.configOf(application);
      const unknown = reset.find((key) => !Object.hasOwn(settings, key));
      if (unknown !== undefined) throw new LocalError("ERR_CONFIG", `unknown option "${unknown}"`);
      model.setConfig(application, set); // Checks everything before it changes anything.
      model.resetConfig(application, reset);
    });
    return nothing;
  },

  integrate: ({ controller, params }) => {
    const [a, b] = params.endpoints;
    return controller.model(params.model).change((model) => model.integrate(a, b));
  },

  removeRelation: ({ controller, params }) => {
    controller.model(params.model).change((model) => {
      if ("id" in params) model.removeRelationById(params.id);
      else model.removeRelation(...params.endpoints);
    });
    return nothing;
  },

  resolved: ({ controller, params }) => {
    controller.model(params.model).change((model) => {
      const failed = Object.values(model.state.units).filter(({ agent }) => agent.status === "error");
      const units = params.all ? failed.map(({ name }) => name) : (params.units ?? []);
      for (const unit of units) model.resolved(unit, { retry: params.retry });
    });
    return nothing;
  },
};
