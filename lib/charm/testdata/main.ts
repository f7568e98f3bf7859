import { active, defineCharm, dispatch } from "charmed-iap/charm";

const contract = defineCharm({ name: "trivial", summary: "The least a charm can be." });

void dispatch(contract.implement({ reconcile: () => active() }));
