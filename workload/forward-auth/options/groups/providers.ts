import type { OptionGroup } from "../spec.ts";

/** Options of single providers; part of an alpha configuration's `providers`. */
export const PROVIDERS = {
  keycloak_groups: {
    kind: "list",
    default: "",
    flag: "keycloak-group",
    about: "`keycloak`: groups that may sign in.",
  },
  azure_tenant: { kind: "string", default: "common", about: "`azure`: the tenant." },
  azure_graph_group_field: {
    kind: "string",
    default: "",
    about: "`azure`: `id` or `displayName` names the groups.",
  },
  entra_id_allowed_tenants: {
    kind: "list",
    default: "",
    flag: "entra-id-allowed-tenant",
    about: "`entra-id`: tenants that may sign in.",
  },
  entra_id_federated_token_auth: {
    kind: "boolean",
    default: "false",
    about: "`entra-id`: the token in AZURE_FEDERATED_TOKEN_FILE instead of a secret.",
  },
  bitbucket_team: { kind: "string", default: "", about: "`bitbucket`: team that may sign in." },
  bitbucket_repository: {
    kind: "string",
    default: "",
    about: "`bitbucket`: who sees this repository may sign in.",
  },
  github_org: { kind: "string", default: "", about: "`github`: organisation that may sign in." },
  github_team: {
    kind: "string",
    default: "",
    about: "`github`: teams of it, comma separated; `org:team` without github_org.",
  },
  github_repo: { kind: "string", default: "", about: "`github`: its collaborators may sign in." },
  github_token: {
    kind: "string",
    default: "",
    secret: true,
    about: "`github`: token to look collaborators up with.",
  },
  github_users: {
    kind: "list",
    default: "",
    flag: "github-user",
    about: "`github`: users that may always sign in.",
  },
  gitlab_groups: {
    kind: "list",
    default: "",
    flag: "gitlab-group",
    about: "`gitlab`: groups that may sign in.",
  },
  gitlab_projects: {
    kind: "list",
    default: "",
    flag: "gitlab-project",
    about: "`gitlab`: `group/project=level`, level 20 when left out.",
  },
  google_group: {
    kind: "list",
    default: "",
    flag: null,
    about: "Deprecated: google_groups; wins when both are set.",
  },
  google_groups: {
    kind: "list",
    default: "",
    flag: "google-group",
    about: "`google`: groups that may sign in.",
  },
  google_admin_email: { kind: "string", default: "", about: "`google`: administrator acted for." },
  google_service_account_json: {
    kind: "string",
    default: "",
    about: "`google`: file with the service account's key.",
  },
  google_use_application_default_credentials: {
    kind: "boolean",
    default: "false",
    valued: true,
    about: "`google`: credentials of the environment instead of a file.",
  },
  google_target_principal: { kind: "string", default: "", about: "`google`: account to impersonate." },
  google_use_organization_id: {
    kind: "boolean",
    default: "false",
    valued: true,
    about: "`google`: the organisation id as preferred user name.",
  },
  google_admin_api_user_scope: {
    kind: "string",
    default: "",
    about: "`google`: scope for reading users.",
  },
  jwt_key: { kind: "string", default: "", secret: true, about: "`login.gov`: signing key, PEM." },
  jwt_key_file: { kind: "string", default: "", about: "`login.gov`: file with the signing key." },
  pubjwk_url: { kind: "string", default: "", about: "`login.gov`: URL of the public key." },
} as const satisfies OptionGroup;
