import { runJson, runText } from "../run.ts";
import { isRecord } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";

/** A status as Juju reports it; beside those that can be set there are `unknown`, `error`, `terminated`. */
export interface ReportedStatus {
  readonly status: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The application's status and its units', as the leader sees them. */
export interface ApplicationStatus extends ReportedStatus {
  readonly units: Readonly<Record<string, ReportedStatus>>;
}

/** What a charm may set. */
export type SettableStatus = "maintenance" | "blocked" | "waiting" | "active";

/** Status of this unit, as it was when first asked for in this hook. See Juju: status-get. */
export function statusGet(transport: HookTransport): Promise<ReportedStatus> {
  return runJson(transport, "status-get", ["--include-data", "--application=false"], {
    expected: "a map with status",
    read: readStatus,
  });
}

/**
 * Status of the application and its units.
 *
 * @throws {HookCommandError} `not-leader`
 * @see Juju: status-get --application
 */
export function applicationStatusGet(transport: HookTransport): Promise<ApplicationStatus> {
  return runJson(transport, "status-get", ["--include-data", "--application=true"], {
    expected: "a map with application-status",
    read(json) {
      const application = isRecord(json) ? json["application-status"] : undefined;
      const own = readStatus(application);
      if (own === undefined || !isRecord(application)) return undefined;
      const units = isRecord(application["units"]) ? Object.entries(application["units"]) : [];
      const read = units.map(([name, unit]) => [name, readStatus(unit)] as const);
      return read.every(([, unit]) => unit !== undefined)
        ? { ...own, units: Object.fromEntries(read) as Record<string, ReportedStatus> }
        : undefined;
    },
  });
}

function readStatus(json: unknown): ReportedStatus | undefined {
  if (!isRecord(json) || typeof json["status"] !== "string") return undefined;
  const { status, message, "status-data": data } = json;
  return {
    status,
    message: typeof message === "string" ? message : "",
    data: isRecord(data) ? data : {},
  };
}

/**
 * Sets the status of this unit, or of the application. Takes effect at once.
 *
 * @throws {HookCommandError} `not-leader` for the application's.
 * @see Juju: status-set
 */
export async function statusSet(
  transport: HookTransport,
  options: { readonly status: SettableStatus; readonly message?: string; readonly application?: boolean },
): Promise<void> {
  const { status, message = "", application = false } = options;
  await runText(transport, "status-set", [`--application=${application}`, status, "--", message]);
}
