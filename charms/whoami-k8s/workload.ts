import type { WorkloadPlan } from "charmed-iap/charm";

/** Where the application listens, in the pod. */
export const PORT = 8080;

/** What runs in the container. */
export function plan(): WorkloadPlan {
  return {
    services: {
      whoami: { command: `/bin/whoami --port ${PORT}`, "on-check-failure": { ready: "ignore" } },
    },
    checks: { ready: { level: "ready", http: { url: `http://localhost:${PORT}/health` } } },
  };
}

/** Parts of an option that lists things with commas; without blanks and empty parts. */
export function list(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
