import { conformance } from "./conformance.ts";
import { startEmbedded } from "./embedded.ts";

conformance({ name: "embedded, in process", start: () => startEmbedded("memory") });
