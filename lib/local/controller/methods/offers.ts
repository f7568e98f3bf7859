import type { OfferMethods, OfferReport } from "../../api-offers.ts";
import { LocalError } from "../../errors.ts";
import type { Controller } from "../controller.ts";
import type { ModelHost } from "../model-host.ts";
import { type MethodTable, nothing } from "./method.ts";

function reports({ name: model, model: { state } }: ModelHost): OfferReport[] {
  return Object.values(state.offers ?? {}).map(({ name, app, endpoints }) => {
    const declared = state.applications[app]?.charm.endpoints ?? {};
    const { charm, origin } = state.applications[app] ?? {};
    const remotes = Object.values(state.remotes ?? {}).filter(
      (one) => one.side === "offers" && one.offer === name,
    );
    const connections = Object.values(state.relations).flatMap((relation) => {
      const remote = remotes.find((one) => relation.endpoints.some((end) => end.app === one.name));
      const own = relation.endpoints.find((end) => end.app === app);
      if (!remote || !own) return [];
      return [
        {
          "source-model-uuid": remote.modelUuid,
          "relation-id": relation.id,
          endpoint: own.endpoint,
          status: "joined" as const,
          since: state.created,
          "ingress-subnets": [],
        },
      ];
    });
    return {
      name,
      application: app,
      charm: `${origin?.source === "local" ? "local" : "ch"}:${charm?.name}-${origin?.revision ?? 0}`,
      url: `admin/${model}.${name}`,
      description: charm?.description ?? "",
      endpoints: Object.fromEntries(
        endpoints.flatMap((end) => {
          const { interface: spoken = "", role = "" } = declared[end] ?? {};
          return [[end, { interface: spoken, role }]];
        }),
      ),
      connections,
    };
  });
}

/** @throws {LocalError} `ERR_NOT_FOUND`, also where the model is missing: nobody is told which models there are. */
function offering(controller: Controller, model: string, offer: string): ModelHost {
  if (!controller.hasModel(model)) {
    throw new LocalError("ERR_NOT_FOUND", `application offer "admin/${model}.${offer}" not found`);
  }
  return controller.model(model);
}

export const offers: MethodTable<keyof OfferMethods> = {
  offer: ({ controller, params: { model, endpoints, name } }) => ({
    url: controller.model(model).change((to) => to.offer(endpoints, name)),
  }),

  removeOffer: ({ controller, params: { model, name, force } }) => {
    controller.model(model).change((to) => to.removeOffer(name, { force }));
    return nothing;
  },

  offers: ({ controller, params: { model, all = false } }) =>
    all ? controller.models.flatMap(reports) : reports(controller.model(model)),

  consume: ({ controller, params: { model, from, offer, alias } }) => {
    const { model: other } = offering(controller, from, offer);
    const name = controller.model(model).change((to) => to.consume(other, offer, alias));
    return { name, url: `admin/${from}.${offer}` };
  },

  removeSaas: ({ controller, params: { model, name } }) => {
    controller.model(model).change((to) => to.removeSaas(name));
    return nothing;
  },
};
