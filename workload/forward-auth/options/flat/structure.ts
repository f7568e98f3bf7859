/** The flat options of listeners, upstreams, headers and the provider, in the shape of an alpha configuration. */
import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";
import type { Structure } from "../structure.ts";
import { flatRequestHeaders, flatResponseHeaders } from "./headers.ts";
import { flatProvider } from "./provider.ts";
import { flatMetricsServer, flatServer } from "./servers.ts";
import { flatUpstreams } from "./upstreams.ts";

/** Builds the structure; upstreams that are none become faults. */
export function flatStructure(options: Options, faults: Faults): Structure {
  return {
    proxyRawPath: false,
    upstreams: flatUpstreams(options, faults),
    requestHeaders: flatRequestHeaders(options),
    responseHeaders: flatResponseHeaders(options),
    server: flatServer(options),
    metricsServer: flatMetricsServer(options),
    providers: [flatProvider(options)],
  };
}
