import { startEmbedded } from "./conformance.embedded.ts";
import { conformance } from "./conformance.suite.ts";

conformance({ name: "embedded, over its socket", start: () => startEmbedded("socket") });
