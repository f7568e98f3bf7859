import { conformance } from "../../pebble/conformance/conformance.ts";
import { envelope } from "../../pebble/conformance/envelope.suite.ts";
import { files } from "../../pebble/conformance/files.suite.ts";
import { identities } from "../../pebble/conformance/identities.suite.ts";
import { layers } from "../../pebble/conformance/layers.suite.ts";
import { notices } from "../../pebble/conformance/notices.suite.ts";
import { FakePebble } from "./fake-pebble.ts";

/** What the one in memory does otherwise, and why; everything else of these topics holds for it too. */
const DIFFERS: readonly (readonly [title: RegExp, why: string])[] = [
  [/boot id and a version/, "its boot ids are boot-1, boot-2, for tests to read"],
  [
    /services\/web|health\?level=x|checks\?level=x|logs\?/,
    "faulty queries that no client sends are not refused",
  ],
  [/websocket\/stdio/, "websockets are not asked for by request"],
  [/links as links/, "it has no links, and commands are mocks"],
  [/of one's own user|untrusted user/, "identities are kept, but whoever asks is admin"],
];

conformance({
  name: "the one in memory",
  hasSocket: false,
  topics: [envelope, layers, files, notices, identities],
  differs: (title) => DIFFERS.find(([pattern]) => pattern.test(title))?.[1],
  async start() {
    const fake = new FakePebble("web");
    fake.files.makeDirectory("/tmp/it");
    return {
      transport: fake.transport(),
      directory: "/tmp/it",
      httpAddress: "",
      close: async () => undefined,
    };
  },
});
