import { conformance } from "./conformance.ts";
import { startEmbedded } from "./embedded.ts";

conformance({
  name: "embedded, over its socket",
  hasSocket: true,
  start: (test) => startEmbedded("socket", test),
});
