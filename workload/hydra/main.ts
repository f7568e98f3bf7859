/**
 * The `hydra` command: `serve all` and the client commands, in the words of Ory Hydra's own command line.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { call, listOption, print } from "./cli/api.ts";
import { ConfigError, readConfig } from "./config.ts";
import { VERSION } from "./version.ts";

interface ServeOptions {
  readonly config?: string;
  readonly dev?: boolean;
}

async function serveAll(options: ServeOptions): Promise<void> {
  if (!options.config) throw new ConfigError("Cannot serve: no configuration, name one with --config FILE");
  const config = await readConfig(options.config, { dsn: process.env["DSN"], dev: options.dev === true });
  const { serve } = await import("./server/serve.ts");
  const running = await serve(config);
  const stop = () => void running.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

const endpoint = (command: Command): Command =>
  command
    .option(
      "-e, --endpoint <url>",
      "admin API of the server",
      process.env["ORY_SDK_URL"] ?? "http://localhost:4445",
    )
    .option("--format <format>", "json, json-pretty or default", "default");

interface ClientOptions {
  readonly endpoint: string;
  readonly format: string;
  readonly [option: string]: unknown;
}

/** Command-line option → key of the client. */
const clientKeys: Readonly<Record<string, string>> = {
  id: "client_id",
  name: "client_name",
  secret: "client_secret",
  redirectUri: "redirect_uris",
  grantType: "grant_types",
  responseType: "response_types",
  audience: "audience",
  contact: "contacts",
  clientUri: "client_uri",
  tokenEndpointAuthMethod: "token_endpoint_auth_method",
};

function clientBody(options: ClientOptions): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [option, key] of Object.entries(clientKeys)) {
    if (options[option] !== undefined) body[key] = options[option];
  }
  if (options["scope"]) body["scope"] = (options["scope"] as string[]).join(" ");
  if (typeof options["metadata"] === "string") body["metadata"] = JSON.parse(options["metadata"]);
  return body;
}

const clientOptions = (command: Command): Command =>
  endpoint(command)
    .option("--name <name>", "name of the client")
    .option("--secret <secret>", "secret of the client; without it one is made")
    .option("--redirect-uri <uri...>", "redirect URIs", listOption)
    .option("--grant-type <type...>", "grant types", listOption)
    .option("--response-type <type...>", "response types", listOption)
    .option("--scope <scope...>", "scopes", listOption)
    .option("--audience <audience...>", "audiences", listOption)
    .option("--contact <contact...>", "contacts", listOption)
    .option("--client-uri <uri>", "home page of the client")
    .option("--metadata <json>", "metadata, a JSON object")
    .option("--token-endpoint-auth-method <method>", "client_secret_basic, client_secret_post or none");

function addClientCommands(program: Command): void {
  const create = program.command("create").description("create a client or a key");
  clientOptions(
    create.command("client").alias("oauth2-client").option("--id <id>", "id of the client"),
  ).action(async (options: ClientOptions) =>
    print(options, await call(options, "POST", "/admin/clients", clientBody(options))),
  );
  endpoint(create.command("jwk <set>").alias("jwks").option("--alg <algorithm>", "RS256", "RS256")).action(
    async (set: string, options: ClientOptions) =>
      print(
        options,
        await call(options, "POST", `/admin/keys/${encodeURIComponent(set)}`, { alg: options["alg"] }),
      ),
  );
  const get = program.command("get").description("show a client");
  endpoint(get.command("client <id>").alias("oauth2-client")).action(
    async (id: string, options: ClientOptions) =>
      print(options, await call(options, "GET", `/admin/clients/${encodeURIComponent(id)}`)),
  );
  const list = program.command("list").description("list clients");
  endpoint(list.command("clients").alias("oauth2-clients")).action(async (options: ClientOptions) =>
    print(options, { items: await call(options, "GET", "/admin/clients") }),
  );
  const update = program.command("update").description("change a client");
  clientOptions(update.command("client <id>").alias("oauth2-client")).action(
    async (id: string, options: ClientOptions) =>
      print(
        options,
        await call(options, "PUT", `/admin/clients/${encodeURIComponent(id)}`, clientBody(options)),
      ),
  );
  const remove = program.command("delete").description("delete a client or its tokens");
  endpoint(remove.command("client <id>").alias("oauth2-client")).action(
    async (id: string, options: ClientOptions) => {
      await call(options, "DELETE", `/admin/clients/${encodeURIComponent(id)}`);
      print(options, id);
    },
  );
  endpoint(remove.command("access-tokens <id>")).action(async (id: string, options: ClientOptions) => {
    await call(options, "DELETE", `/admin/oauth2/tokens?client_id=${encodeURIComponent(id)}`);
    print(options, id);
  });
}

function addAccountCommands(program: Command): void {
  const accounts = program.command("accounts").description("the stand-in's own people; Ory Hydra has none");
  endpoint(
    accounts
      .command("create")
      .description("add a person, or set a new password; prints the password when it made one")
      .requiredOption("--email <email>", "e-mail address, the name to sign in with")
      .option("--name <name>", "name to show")
      .option("--group <group...>", "groups", listOption),
  ).action(async (options: ClientOptions) => {
    const password = process.env["HYDRA_ACCOUNT_PASSWORD"];
    const { email, name, group } = options;
    print(options, await call(options, "POST", "/admin/accounts", { email, name, groups: group, password }));
  });
  endpoint(accounts.command("list")).action(async (options: ClientOptions) =>
    print(options, await call(options, "GET", "/admin/accounts")),
  );
  endpoint(accounts.command("delete <email>")).action(async (email: string, options: ClientOptions) => {
    await call(options, "DELETE", `/admin/accounts/${encodeURIComponent(email)}`);
    print(options, email);
  });
}

/** The command line as a value, so that tests can read it. */
export function program(): Command {
  const root = new Command("hydra")
    .description("Stand-in for Ory Hydra, for laptops and tests")
    .exitOverride();
  const serve = root.command("serve").description("serve the public and the admin API");
  serve
    .command("all")
    .option("-c, --config <file>", "configuration file")
    .option("--dev", "allow an issuer with plain HTTP")
    .option("--sqa-opt-out", "accepted; the stand-in sends no statistics")
    .action(serveAll);
  root
    .command("migrate")
    .command("sql [database]")
    .option("-e, --read-from-env", "take the database from DSN")
    .option("-y, --yes", "do not ask")
    .action(async (database: string | undefined) => {
      const { openDatabase } = await import("./store/database.ts");
      openDatabase(database ?? process.env["DSN"] ?? "").close();
      console.log("Successfully applied SQL migrations!");
    });
  root
    .command("version")
    .action(() => console.log(`Version:    ${VERSION}\nBuild:      charmed-iap stand-in`));
  addClientCommands(root);
  addAccountCommands(root);
  return root;
}

/** Runs the command; expected faults are one line on standard error and exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    console.error((error as Error).message);
    process.exit(1);
  }
}
