import { expect, test } from "vitest";
import { basesOf, metadataFiles } from "./metadata.ts";

test("metadata.yaml has what charmcraft puts there, and nothing of how the charm is built", () => {
  const files = metadataFiles(
    {
      type: "charm",
      name: "x",
      title: "The X",
      links: { contact: "a@example.com", documentation: "https://docs.test", website: ["https://x.test"] },
      base: "ubuntu@22.04",
      platforms: { amd64: null },
      parts: {},
      "charm-libs": [],
      "charm-user": "non-root",
      config: { options: {} },
    },
    ["arm64"],
  );
  expect(files).toEqual({
    "metadata.yaml": {
      name: "x",
      "charm-user": "non-root",
      "display-name": "The X",
      maintainers: ["a@example.com"],
      docs: "https://docs.test",
      website: ["https://x.test"],
    },
    "config.yaml": { options: {} },
    "manifest.yaml": {
      analysis: {
        attributes: [
          { name: "language", result: "unknown" },
          { name: "framework", result: "unknown" },
        ],
      },
      bases: [{ name: "ubuntu", channel: "22.04", architectures: ["arm64"] }],
    },
  });
});

test.each([
  [{}, ["ubuntu@24.04"]],
  [{ base: "ubuntu@22.04" }, ["ubuntu@22.04"]],
  [
    { platforms: { "ubuntu@22.04:amd64": null, "ubuntu@22.04:arm64": null, "ubuntu@26.04:amd64": null } },
    ["ubuntu@22.04", "ubuntu@26.04"],
  ],
  [{ platforms: { here: { "build-on": "amd64", "build-for": ["ubuntu@26.04:amd64"] } } }, ["ubuntu@26.04"]],
  [{ bases: [{ name: "ubuntu", channel: "20.04" }] }, ["ubuntu@20.04"]],
  [{ bases: [{ "build-on": [], "run-on": [{ name: "ubuntu", channel: "22.04" }] }] }, ["ubuntu@22.04"]],
])("basesOf(%j) is %s", (charmcraft, expected) => {
  expect(basesOf(charmcraft)).toEqual(expected);
});
