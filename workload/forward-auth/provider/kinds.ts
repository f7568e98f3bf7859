/** Every kind of provider, by its name in the configuration. */
import type { ProviderType } from "../options/structure.ts";
import type { Kind } from "./kind.ts";
import { adfs } from "./kinds/adfs.ts";
import { azure } from "./kinds/azure.ts";
import { bitbucket } from "./kinds/bitbucket.ts";
import { cidaas } from "./kinds/cidaas.ts";
import { entraId } from "./kinds/entra-id.ts";
import { github } from "./kinds/github.ts";
import { gitlab } from "./kinds/gitlab.ts";
import { google } from "./kinds/google.ts";
import { keycloak } from "./kinds/keycloak.ts";
import { keycloakOidc } from "./kinds/keycloak-oidc.ts";
import { loginGov } from "./kinds/login-gov.ts";
import { oidc } from "./kinds/oidc.ts";
import { digitalocean, facebook, linkedin, nextcloud, sourcehut } from "./kinds/profile.ts";

/** Kinds by name. */
export const KINDS: Readonly<Record<ProviderType, Kind>> = {
  google,
  oidc,
  adfs,
  azure,
  "entra-id": entraId,
  bitbucket,
  cidaas,
  digitalocean,
  facebook,
  github,
  gitlab,
  keycloak,
  "keycloak-oidc": keycloakOidc,
  linkedin,
  "login.gov": loginGov,
  nextcloud,
  sourcehut,
};
