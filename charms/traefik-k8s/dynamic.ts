/** Traefik's dynamic configuration, as far as the charm writes it. Keys in Traefik's spelling. @module */

export interface Router {
  readonly rule: string;
  readonly service: string;
  readonly entryPoints: readonly string[];
  readonly middlewares?: readonly string[];
  readonly priority?: number;
  readonly tls?: RouterTls;
}

export interface RouterTls {
  readonly domains?: readonly { readonly main: string; readonly sans: readonly string[] }[];
}

export interface DynamicConfig {
  readonly http?: {
    readonly routers?: Readonly<Record<string, Router>>;
    readonly services?: Readonly<Record<string, unknown>>;
    readonly middlewares?: Readonly<Record<string, unknown>>;
  };
  readonly tls?: unknown;
}

/** Traefik treats the files as Go templates first; nothing the charm writes is one. */
export const hasTemplate = (text: string): boolean => text.includes("{{");

const filled = <T extends object>(part: T | undefined): T | undefined =>
  part === undefined || Object.keys(part).length === 0 ? undefined : part;

/**
 * The text of a file: JSON, which is YAML. Empty tables are left out, for one `routers: {}` makes Traefik refuse
 * the whole folder.
 */
export function fileText({ http, tls }: DynamicConfig): string {
  const parts = filled(
    Object.fromEntries(Object.entries(http ?? {}).filter(([, part]) => filled(part as object) !== undefined)),
  );
  return `${JSON.stringify({ ...(parts && { http: parts }), ...(tls ? { tls } : {}) }, null, 2)}\n`;
}
