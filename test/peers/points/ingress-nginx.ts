import { parseAllDocuments } from "yaml";

/** An Ingress, as far as it matters here. */
export interface Ingress {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly rules: readonly {
      readonly host: string;
      readonly http: { readonly paths: readonly IngressPath[] };
    }[];
  };
}

interface IngressPath {
  readonly path: string;
  readonly backend: {
    readonly service: { readonly name: string; readonly port: { readonly number: number } };
  };
}

/** Where nginx is, and what surrounds it. */
export interface NginxPlace {
  /** `127.0.0.1:8080`. */
  readonly listen: string;
  /** Folder of nginx's dynamic modules. */
  readonly modules: string;
  /** Files of a certificate for every host; absent: without TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Address of a Service, by its name and by its name in the cluster's DNS; absent: the port on 127.0.0.1, and what `auth-url` says. */
  readonly address?: (service: string, port: number) => string;
}

/** Reads the documents of a file. */
export const readIngresses = (text: string): readonly Ingress[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Ingress);

const PREFIX = "nginx.ingress.kubernetes.io/";

/** Headers of the subrequest, as the controller's template sets them. */
const SUBREQUEST = `proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Sent-From "nginx-ingress-controller";
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Auth-Request-Redirect $request_uri;`;

/** Headers of the request to the application, as the controller's template sets them. */
const REQUEST = `proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Scheme $scheme;
    proxy_set_header X-Scheme $scheme;`;

/** Where a 401 leads: the address to return to is added unless the annotation has one. */
function signInAddress(signIn: string): string {
  const query = signIn.includes("?") ? new URLSearchParams(signIn.slice(signIn.indexOf("?"))) : undefined;
  if (query?.has("rd")) return signIn;
  return `${signIn}${query === undefined ? "?" : "&"}rd=$scheme://$http_host$escaped_request_uri`;
}

function authLocations(annotations: Readonly<Record<string, string>>, { address }: NginxPlace): string {
  const url = new URL(annotations[`${PREFIX}auth-url`] ?? "");
  const signIn = annotations[`${PREFIX}auth-signin`] ?? "";
  const found = address?.(url.hostname, Number(url.port)) ?? url.host;
  const size = annotations[`${PREFIX}proxy-buffer-size`] ?? "4k";
  return `  location = /_external-auth {
    internal;
    ${SUBREQUEST}
    proxy_set_header Host ${url.hostname};
    proxy_buffer_size ${size};
    proxy_buffers 4 ${size};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_pass http://${found}${url.pathname}${url.search};
  }
  location @sign_in {
    internal;
    return 302 ${signInAddress(signIn)};
  }
`;
}

function authDirectives(annotations: Readonly<Record<string, string>>): string {
  const names = (annotations[`${PREFIX}auth-response-headers`] ?? "").split(",");
  const always = annotations[`${PREFIX}auth-always-set-cookie`] === "true" ? " always" : "";
  const headers = names.flatMap((name, index) => [
    `auth_request_set $auth_header_${index} $upstream_http_${name.toLowerCase().replaceAll("-", "_")};`,
    `proxy_set_header '${name}' $auth_header_${index};`,
  ]);
  return [
    "auth_request /_external-auth;",
    "auth_request_set $auth_cookie $upstream_http_set_cookie;",
    `add_header Set-Cookie $auth_cookie${always};`,
    ...headers,
    "error_page 401 = @sign_in;",
  ].join("\n    ");
}

function serverOf(host: string, ingresses: readonly Ingress[], place: NginxPlace): string {
  const { listen, certificate, address = (_: string, port: number) => `127.0.0.1:${port}` } = place;
  const locations = ingresses.flatMap(({ metadata: { annotations = {} }, spec }) =>
    spec.rules
      .filter((rule) => rule.host === host)
      .flatMap(({ http }) =>
        http.paths.map(({ path, backend: { service } }) => {
          const guarded = annotations[`${PREFIX}auth-url`] !== undefined;
          const size = annotations[`${PREFIX}proxy-buffer-size`] ?? "4k";
          const prefix = path === "/" ? "/" : `${path}/`;
          return `${guarded ? authLocations(annotations, place) : ""}  location ${prefix} {
    ${guarded ? authDirectives(annotations) : ""}
    ${REQUEST}
    proxy_buffer_size ${size};
    proxy_buffers 4 ${size};
    proxy_pass http://${address(service.name, service.port.number)};
  }
`;
        }),
      ),
  );
  const tls =
    certificate === undefined
      ? ""
      : `ssl_certificate ${certificate.cert};
    ssl_certificate_key ${certificate.key};`;
  return `  server {
    server_name ${host};
    listen ${listen}${certificate === undefined ? "" : " ssl"};
    ${tls}
    set_by_lua_block $escaped_request_uri { return ngx.escape_uri(ngx.var.request_uri) }
${locations.join("")}  }
`;
}

/**
 * nginx.conf of the kind that the ingress-nginx controller makes of Ingresses, Lua included; the controller itself needs
 * Kubernetes.
 *
 * @see kubernetes/ingress-nginx: rootfs/etc/nginx/template/nginx.tmpl, internal/ingress/controller/template/template.go
 */
export function nginxConfiguration(ingresses: readonly Ingress[], place: NginxPlace): string {
  const { modules } = place;
  const hosts = new Set(ingresses.flatMap(({ spec }) => spec.rules.map(({ host }) => host)));
  const servers = Array.from(hosts, (host) => serverOf(host, ingresses, place));
  return `load_module ${modules}/ndk_http_module.so;
load_module ${modules}/ngx_http_lua_module.so;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body-temp;
  proxy_temp_path proxy-temp;
  fastcgi_temp_path fastcgi-temp;
  uwsgi_temp_path uwsgi-temp;
  scgi_temp_path scgi-temp;
  lua_package_path "/usr/share/lua/5.1/?.lua;;";
  map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
${servers.join("")}}
`;
}
