import { dispatch } from "charmed-iap/charm";
import charm from "./kill-charm.ts";

void dispatch(charm);
