import { dispatch } from "charmed-iap/charm";
import charm from "./charm.ts";

void dispatch(charm);
