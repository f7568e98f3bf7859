import { parse, stringify } from "yaml";

/** An extension provider, as far as it matters here. */
interface Provider {
  readonly port: number;
  readonly pathPrefix?: string;
  readonly timeout?: string;
  readonly failOpen?: boolean;
  readonly statusOnError?: string;
  readonly includeRequestHeadersInCheck?: readonly string[];
  /** The older name of `includeRequestHeadersInCheck`. */
  readonly includeHeadersInCheck?: readonly string[];
  readonly headersToUpstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnDeny?: readonly string[];
}

interface EnvoyConfiguration {
  readonly static_resources: {
    readonly listeners: {
      readonly filter_chains: {
        transport_socket?: unknown;
        readonly filters: { readonly typed_config: Manager }[];
      }[];
    }[];
  };
}

interface Manager {
  common_http_protocol_options?: unknown;
  merge_slashes?: boolean;
  readonly http_filters: { typed_config: unknown }[];
  readonly route_config: {
    readonly virtual_hosts: {
      domains: readonly string[];
      routes: readonly { match: { prefix?: string } }[];
    }[];
  };
}

/** Names that match; what is not listed is Envoy's own choice. */
const exact = (field: string, names: readonly string[] = []) =>
  names.length === 0
    ? {}
    : { [field]: { patterns: names.map((name) => ({ exact: name, ignore_case: true })) } };

/** The gateway's own part: its certificate, and the hosts of the policy. */
export interface IngressGateway {
  readonly certificate: { readonly cert: string; readonly key: string };
  readonly hosts: readonly string[];
}

const tls = ({ cert, key }: IngressGateway["certificate"]) => ({
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    common_tls_context: {
      tls_certificates: [{ certificate_chain: { filename: cert }, private_key: { filename: key } }],
    },
  },
});

/**
 * Envoy's configuration with the filter that Istio makes of an extension provider, and nothing that Istio does not do: no route
 * for the sign-in, no refusal of underscores. Istio itself needs Kubernetes.
 *
 * @param mesh Text of `mesh.yaml`.
 * @param envoy Text of an envoy.yaml whose first filter is `ext_authz`.
 * @param gateway Absent: listens as that text says, for the hosts that it names.
 * @see istio/istio: pilot/pkg/security/authz/builder/extauthz.go
 */
export function envoyConfiguration(mesh: string, envoy: string, gateway?: IngressGateway): string {
  const [extension] = (parse(mesh) as { extensionProviders: { envoyExtAuthzHttp: Provider }[] })
    .extensionProviders;
  const configuration = parse(envoy) as EnvoyConfiguration;
  const [chain] = configuration.static_resources.listeners[0]?.filter_chains ?? [];
  const manager = chain?.filters[0]?.typed_config;
  const [filter] = manager?.http_filters ?? [];
  if (extension === undefined || chain === undefined || manager === undefined || filter === undefined)
    throw new TypeError("no extension provider, or no filter to replace");
  const { envoyExtAuthzHttp: provider } = extension;
  const { includeRequestHeadersInCheck = provider.includeHeadersInCheck } = provider;
  filter.typed_config = {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
    transport_api_version: "V3",
    failure_mode_allow: provider.failOpen ?? false,
    ...(provider.statusOnError && { status_on_error: { code: Number(provider.statusOnError) } }),
    ...exact("allowed_headers", includeRequestHeadersInCheck),
    http_service: {
      path_prefix: provider.pathPrefix ?? "",
      server_uri: {
        uri: "http://forward-auth",
        cluster: "forward_auth",
        timeout: provider.timeout ?? "600s",
      },
      authorization_response: {
        ...exact("allowed_upstream_headers", provider.headersToUpstreamOnAllow),
        ...exact("allowed_client_headers", provider.headersToDownstreamOnDeny),
        ...exact("allowed_client_headers_on_success", provider.headersToDownstreamOnAllow),
      },
    },
  };
  delete manager.common_http_protocol_options;
  delete manager.merge_slashes;
  if (gateway !== undefined) chain.transport_socket = tls(gateway.certificate);
  for (const host of manager.route_config.virtual_hosts) {
    host.routes = host.routes.filter(({ match }) => match.prefix === "/");
    if (gateway !== undefined) host.domains = gateway.hosts;
  }
  return stringify(configuration);
}
