import type { Identity } from "./provider.ts";

/** An identity without anything, for kinds that ask for everything. */
export const NOBODY: Identity = {
  issuer: "",
  subject: "",
  email: "",
  preferredUsername: "",
  groups: [],
  acr: "",
  sid: "",
  additionalClaims: new Map(),
};
