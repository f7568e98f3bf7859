/**
 * `update-ca-certificates` of a container on the local model: `update-ca-certificates.ts ROOT`.
 *
 * @see Debian: update-ca-certificates(8)
 * @module
 */

import { updateAuthorities } from "./ca-bundle.ts";

const [root = ""] = process.argv.slice(2);
process.stdout.write("Updating certificates in /etc/ssl/certs...\n");
const { added, removed } = updateAuthorities(root);
process.stdout.write(`${added} added, ${removed} removed; done.\n`);
process.stdout.write("Running hooks in /etc/ca-certificates/update.d...\ndone.\n");
