/** Identifiers of new secrets. */

import type { Engine } from "./engine.ts";

const ALPHABET = "0123456789abcdefghijklmnopqrstuv";

/** 20 characters of Juju's alphabet, drawn from the model's randomness; never one that exists. */
export function randomSecretId(e: Engine): string {
  for (;;) {
    let id = "";
    while (id.length < 20) id += ALPHABET[Math.floor(e.random() * ALPHABET.length)];
    if (!(id in e.state.secrets)) return id;
  }
}
