import { active, defineCharm, option } from "charmed-iap/charm";
import { oauth, proxyPeers } from "./interfaces.ts";

/** Reads and writes everything of Juju's that a charm can. */
const contract = defineCharm({
  name: "web",
  summary: "Reads and writes everything.",
  config: { port: option.int({ default: 8080, description: "x" }) },
  requires: { oauth: oauth.requirer({ limit: 1 }) },
  peers: { peers: proxyPeers.peer() },
});

export default contract.implement({
  async reconcile({ unit, config, relations: { oauth, peers }, secrets, state, log, setPorts, setWorkloadVersion }) {
    if (process.env["MISHAP"] === "warning") process.emitWarning("an old way", "DeprecationWarning");
    if (process.env["MISHAP"] === "rejection") {
      void Promise.reject(new Error("nobody waits for this"));
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    const secret = await secrets.ensure("key", () => ({ value: "made once" }), { owner: "unit" });
    log.info("made a key");
    setPorts(config.port);
    setWorkloadVersion("1.0");
    state.set("seen", (await state.get("seen")) ?? "yes");
    peers.publish({ key: secret?.id ?? "" });
    peers.publishUnit({ address: unit });
    oauth.publish({ redirect_uri: "https://web.test/", scope: "openid", grant_types: [] });
    if (secret !== undefined && oauth.state !== "missing") secrets.grant(secret, oauth);
    return active(oauth.state);
  },
});
