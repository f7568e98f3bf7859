import { startEmbedded } from "./conformance.embedded.ts";
import { conformance } from "./conformance.suite.ts";

conformance({ name: "embedded, in process", start: () => startEmbedded("memory") });
