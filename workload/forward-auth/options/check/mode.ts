import type { DecisionMode } from "../../config.ts";
import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";

/** Every value of `decision_mode`. */
const DECISION_MODES: readonly DecisionMode[] = [
  "compat",
  "forwarded",
  "nginx-ingress",
  "envoy-http",
  "envoy-grpc",
];

/** The mode that a text names. */
export const decisionMode = (text: string): DecisionMode | undefined =>
  DECISION_MODES.find((mode) => mode === text);

/** The decision mode and what it needs. */
export function checkMode(options: Options, faults: Faults): void {
  const { decision_mode, redirect_url, grpc_address, rules_file, skip_auth_routes } = options;
  if (decisionMode(decision_mode) === undefined) {
    faults.add("decision_mode", `must be one of ${DECISION_MODES.join(", ")}, is "${decision_mode}"`);
  }
  if (decision_mode === "envoy-grpc" && grpc_address === "") {
    faults.say(
      "grpc_address",
      'decision_mode "envoy-grpc" needs grpc_address: the HTTP listener decides nothing in this mode',
    );
  }
  if (decision_mode !== "compat" && !/^https?:\/\//.test(redirect_url)) {
    faults.say(
      "redirect_url",
      `decision_mode "${decision_mode}" needs redirect_url: users are sent to its host to sign in`,
    );
  }
  if (rules_file !== "" && skip_auth_routes.length > 0) {
    faults.say(
      "rules_file",
      "skip_auth_routes and rules_file exclude each other: open paths belong to one application",
    );
  }
}
