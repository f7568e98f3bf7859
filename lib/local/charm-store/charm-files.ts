import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CharmMetadata, parseCharm } from "../../model/charm-metadata.ts";
import { yamlValue } from "../../model/hook-context/go/yaml-value.ts";
import { LocalError } from "../errors.ts";

/** A charm laid out as Juju unpacks it, read. */
export interface UnpackedCharm {
  /** Folder with `metadata.yaml` and `dispatch`. */
  readonly directory: string;
  readonly metadata: CharmMetadata;
  /** Of the `revision` file; 0 without. */
  readonly revision: number;
  /** First base of the manifest, `ubuntu@24.04`. */
  readonly base: string;
  /** Container → folder under `workload/`, from `local.json`; empty for charms of others. */
  readonly localImages: Readonly<Record<string, string>>;
}

/**
 * Reads and checks a charm.
 *
 * @throws {ModelError} `ERR_CHARM_INVALID`, {@link LocalError} `ERR_CHARM_INVALID`, with Juju's text.
 */
export function readCharm(directory: string): UnpackedCharm {
  const metadata = readYaml(directory, "metadata.yaml");
  if (metadata === undefined) throw invalid('archive file "metadata.yaml" not found');
  const charm = parseCharm({
    metadata,
    config: readYaml(directory, "config.yaml") ?? {},
    actions: readYaml(directory, "actions.yaml") ?? {},
  });
  if (!existsSync(join(directory, "dispatch")) && !existsSync(join(directory, "hooks"))) {
    throw invalid(`invalid charm "${charm.name}": has no hooks nor dispatch file`);
  }
  return {
    directory,
    metadata: charm,
    revision: Number.parseInt(readText(directory, "revision") ?? "0", 10) || 0,
    base: baseOf(readYaml(directory, "manifest.yaml")),
    localImages: imagesOf(readText(directory, "local.json")),
  };
}

function invalid(message: string): LocalError {
  return new LocalError("ERR_CHARM_INVALID", message);
}

function readText(directory: string, name: string): string | undefined {
  const path = join(directory, name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function readYaml(directory: string, name: string): unknown {
  const text = readText(directory, name);
  if (text === undefined) return undefined;
  try {
    return yamlValue(text);
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new LocalError("ERR_CHARM_INVALID", `parsing "${name}" file: yaml: ${message}`, { cause });
  }
}

function baseOf(manifest: unknown): string {
  const bases = (manifest as { bases?: { name?: string; channel?: string }[] } | undefined)?.bases;
  const [base] = Array.isArray(bases) ? bases : [];
  return `${base?.name ?? "ubuntu"}@${String(base?.channel ?? "24.04").split("/")[0]}`;
}

function imagesOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const { images = {} } = JSON.parse(text) as { images?: Record<string, string> };
  return images;
}
