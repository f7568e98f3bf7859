import { decode } from "charmed-iap/interface";
import { dashboards, grafanaDashboard, readDashboards } from "../../grafana_dashboard/v0/index.ts";
import { unxz } from "../../grafana_dashboard/v0/unxz.ts";
import { meaningOf } from "../compare.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { topologyOfCase } from "./prometheus-scrape.ts";

const { provider } = grafanaDashboard.sides;

export const grafanaDashboardAdapter: Adapter = {
  readme: "grafana_dashboard/v0",
  sets: [],
  sides: () => grafanaDashboard.sides,
  written: (key, text) => (key === "dashboards" ? opened(text) : meaningOf(text)),
  publish,
  understood,
};

/** What the text stands for: dashboards opened, their uid where it hashes a path as no more than that, no random `uuid`. */
function opened(text: string): unknown {
  const { templates } = meaningOf(text) as { templates: Record<string, { content: string }> };
  const all = Object.entries(templates).map(([id, one]) => {
    const dashboard = JSON.parse(
      Buffer.from(unxz(Buffer.from(one.content, "base64"), { left: 2 ** 24 })).toString(),
    );
    const uid = String(dashboard.uid).replace(/^[\da-f]{40}$/, "hash");
    return [id, { ...one, content: { ...dashboard, uid } }] as const;
  });
  return Object.fromEntries(all);
}

function publish(one: WriteCase) {
  const files = (one.given.options?.["dashboards"] ?? {}) as Record<string, string>;
  if (one.given.hook === "broken" || Object.keys(files).length === 0) return undefined;
  return { app: dashboards(files, { topology: topologyOfCase(one), charm: one.given.app }) };
}

interface Parsed {
  readonly dashboards: readonly {
    id: string;
    charm: string;
    dashboard_uid: string;
    dashboard_title: string;
  }[];
}

function understood(one: ReadCase) {
  const parsed = one.outcome.parsed as Parsed | null | undefined;
  if (parsed === null || parsed === undefined || one.case.startsWith("broken")) return undefined;
  const read = decode(provider.app, bag(one.remote_app));
  const ours = read.state === "ready" ? readDashboards(read.data) : [];
  return {
    ours: byId(
      ours.flatMap((each) => {
        if (each.state !== "ready" || read.state !== "ready") return [];
        const { title, uid } = each.dashboard;
        return [{ id: each.id, charm: read.data.dashboards.templates[each.id]?.charm, title, uid }];
      }),
    ),
    theirs: byId(
      parsed.dashboards.map(({ id, charm, dashboard_uid: uid, dashboard_title: title }) => ({
        id,
        charm,
        title,
        uid,
      })),
    ),
  };
}

function byId<T extends { id: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
