/** The emitted Terraform modules in front of the real Terraform, with a stand-in for its provider for Juju. */

import { cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../outside.ts";
import { installedProgram } from "./installed.ts";
import { buildJujuProvider } from "./juju-provider.ts";

const root = path.resolve(import.meta.dirname, "../..");
const modules = globSync("charms/*/terraform", { cwd: root }).sort();
const folder = mkdtempSync(path.join(tmpdir(), "terraform-"));
const terraform = await installedProgram("terraform", "HashiCorp's packages");
const provider: Awaited<ReturnType<typeof buildJujuProvider>> =
  "missing" in terraform ? terraform : await buildJujuProvider();

afterAll(() => rmSync(folder, { recursive: true }));

if ("missing" in terraform) {
  describe.skip(`terraform (skipped: ${terraform.missing})`, () => {
    test("", () => {});
  });
} else {
  describe("terraform", () => {
    test("there are modules to look at", () => expect(modules.length).toBeGreaterThan(4));

    test.each(modules)("%s parses, and is laid out as terraform fmt does", async (module) => {
      // It prints the files that it would change, and fails on those that it cannot parse.
      expect(await run(root, terraform.program, "fmt", "-check", "-diff", module)).toBe("");
    });
  });
}

if ("missing" in terraform || "missing" in provider) {
  const why = "missing" in terraform ? terraform.missing : "missing" in provider ? provider.missing : "";
  describe.skip(`terraform with the stand-in provider (skipped: ${why})`, () => {
    test("", () => {});
  });
} else {
  /** Runs terraform in a folder, with the stand-in as the provider for Juju. */
  const inFolder = (place: string, ...args: string[]) => {
    const settings = path.join(folder, "settings.tfrc");
    const overrides = `dev_overrides {\n"juju/juju" = ${JSON.stringify(path.dirname(provider.program))}\n}`;
    writeFileSync(settings, `provider_installation {\n${overrides}\ndirect {}\n}\n`);
    return run(place, "env", `TF_CLI_CONFIG_FILE=${settings}`, terraform.program, ...args, "-no-color");
  };
  /** A copy of a module, so that nothing is written beside it. */
  const copyOf = (module: string): string => {
    const place = mkdtempSync(path.join(folder, "module-"));
    cpSync(path.join(root, module), place, { recursive: true });
    return place;
  };

  describe("terraform with the stand-in provider", () => {
    test.each(modules)(
      "%s is valid, and plans one application in either name of the model",
      async (module) => {
        const place = copyOf(module);
        await inFolder(place, "validate");
        for (const variable of ["model", "model_uuid"]) {
          const plan = await inFolder(place, "plan", "-var", `${variable}=f00d`);
          expect(plan).toContain("Plan: 1 to add, 0 to change, 0 to destroy.");
          expect(plan).toMatch(/model_uuid += "f00d"/);
        }
        await expect(inFolder(place, "plan", "-input=false")).rejects.toThrow("no non-null");
      },
    );

    test("another module relates by the outputs, by the names with hyphens and with underscores", async () => {
      const place = mkdtempSync(path.join(folder, "root-"));
      const source = JSON.stringify(copyOf("charms/traefik-k8s/terraform"));
      writeFileSync(
        path.join(place, "main.tf"),
        `module "gateway" {
  source     = ${source}
  model_uuid = "f00d"
  app_name   = "gateway"
  config     = { external_hostname = "gw.test" }
}
output "endpoints" {
  value = [
    module.gateway.app_name, module.gateway.application.name,
    module.gateway.requires.receive-ca-cert, module.gateway.provides.traefik_route,
  ]
}
`,
      );
      await inFolder(place, "get");
      const plan = await inFolder(place, "plan");
      const endpoints = ["gateway", "gateway", "receive-ca-cert", "traefik-route"].map(
        (name) => `+ "${name}",`,
      );
      expect(plan.replace(/ +/g, " ")).toContain(endpoints.join("\n "));
    });
  });
}
