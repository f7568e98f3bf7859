import { parse } from "yaml";
import type { Container } from "./container.ts";

interface Layer {
  readonly services: {
    readonly "oauth2-proxy": { readonly command: string; readonly environment: Record<string, string> };
  };
}

/** The container as Pebble starts it by a layer. @param files Files that the charm has pushed. */
export function layerContainer(text: string, files: Readonly<Record<string, string>>): Container {
  const { command, environment } = (parse(text) as Layer).services["oauth2-proxy"];
  return { args: command.split(" ").slice(1), environment, files };
}
