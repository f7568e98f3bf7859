import { conformance } from "./conformance.ts";
import { startEmbedded } from "./embedded.ts";

conformance({
  name: "embedded, in process",
  hasSocket: false,
  start: (test) => startEmbedded("memory", test),
});
