import { parse, stringify } from "yaml";

/** An extension provider, as far as it matters here. */
interface Provider {
  readonly port: number;
  readonly pathPrefix: string;
  readonly timeout: string;
  readonly failOpen: boolean;
  readonly statusOnError: string;
  readonly includeRequestHeadersInCheck: readonly string[];
  readonly headersToUpstreamOnAllow: readonly string[];
  readonly headersToDownstreamOnAllow: readonly string[];
  readonly headersToDownstreamOnDeny: readonly string[];
}

interface EnvoyConfiguration {
  readonly static_resources: {
    readonly listeners: {
      readonly filter_chains: { readonly filters: { readonly typed_config: Manager }[] }[];
    }[];
  };
}

interface Manager {
  common_http_protocol_options?: unknown;
  merge_slashes?: boolean;
  readonly http_filters: { typed_config: unknown }[];
  readonly route_config: { readonly virtual_hosts: { routes: readonly { match: { prefix?: string } }[] }[] };
}

const exact = (names: readonly string[]) => ({
  patterns: names.map((name) => ({ exact: name, ignore_case: true })),
});

/**
 * Envoy's configuration with the filter that Istio makes of an extension provider, and nothing that Istio does not do: no route
 * for the sign-in, no refusal of underscores. Istio itself needs Kubernetes.
 *
 * @param mesh Text of `mesh.yaml`.
 * @param envoy Text of an envoy.yaml whose first filter is `ext_authz`.
 * @see istio/istio: pilot/pkg/security/authz/builder/extauthz.go
 */
export function envoyConfiguration(mesh: string, envoy: string): string {
  const [extension] = (parse(mesh) as { extensionProviders: { envoyExtAuthzHttp: Provider }[] })
    .extensionProviders;
  const configuration = parse(envoy) as EnvoyConfiguration;
  const manager = configuration.static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
  const [filter] = manager?.http_filters ?? [];
  if (extension === undefined || manager === undefined || filter === undefined)
    throw new TypeError("no extension provider, or no filter to replace");
  const { envoyExtAuthzHttp: provider } = extension;
  filter.typed_config = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
    transport_api_version: "V3",
    failure_mode_allow: provider.failOpen,
    status_on_error: { code: Number(provider.statusOnError) },
    allowed_headers: exact(provider.includeRequestHeadersInCheck),
    http_service: {
      path_prefix: provider.pathPrefix,
      server_uri: { uri: "http://forward-auth", cluster: "forward_auth", timeout: provider.timeout },
      authorization_response: {
        allowed_upstream_headers: exact(provider.headersToUpstreamOnAllow),
        allowed_client_headers: exact(provider.headersToDownstreamOnDeny),
        allowed_client_headers_on_success: exact(provider.headersToDownstreamOnAllow),
      },
    },
  };
  delete manager.common_http_protocol_options;
  delete manager.merge_slashes;
  for (const host of manager.route_config.virtual_hosts)
    host.routes = host.routes.filter(({ match }) => match.prefix === "/");
  return stringify(configuration);
}
