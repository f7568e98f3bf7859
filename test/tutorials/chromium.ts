import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Debian's Chromium, or `CHROMIUM`, or else the one that an npm package carries. */
async function executable(): Promise<string> {
  const given = process.env["CHROMIUM"] ?? PLACES.find((place) => existsSync(place));
  if (given !== undefined) return given;
  const { default: packaged } = await import("@sparticuz/chromium");
  return packaged.executablePath();
}

/**
 * Starts a Chromium without a window, which asks nobody but the pages it is sent to.
 *
 * @param hostRules Where names lead, as `--host-resolver-rules` has it.
 */
export async function launchChromium(hostRules = "MAP *.localhost 127.0.0.1"): Promise<Browser> {
  return chromium.launch({
    executablePath: await executable(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--host-resolver-rules=${hostRules}`,
    ],
  });
}
