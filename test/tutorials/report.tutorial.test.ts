import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { topology } from "../model/topology.ts";
import { launchChromium } from "./chromium.ts";

let browser: Browser;
let folder: string;

beforeAll(async () => {
  [browser, folder] = [await launchChromium(), await mkdtemp(path.join(tmpdir(), "report-"))];
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the history of a model is stepped through with the keyboard, from a file, asking nobody", async () => {
  const model = topology({ seed: 3 });
  await model.settle();
  const file = path.join(folder, "report.html");
  model.writeReport(file);

  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const asked: string[] = [];
  const wrong: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  const shown = () => page.locator("article:visible h2").allTextContents();
  expect(await shown()).toEqual([expect.stringMatching(/^1\. /)]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("j");
  expect(await shown()).toEqual([expect.stringMatching(/^3\. /)]);
  await page.keyboard.press("ArrowUp");
  expect(await shown()).toEqual([expect.stringMatching(/^2\. /)]);
  await page.keyboard.press("End");
  const count = await page.getByRole("navigation", { name: "Events" }).getByRole("link").count();
  expect(await shown()).toEqual([expect.stringMatching(new RegExp(`^${count}\\. `))]);
  expect(await page.locator("[aria-current=step]").count()).toBe(1);
  await page.getByRole("link", { name: /^9\. / }).click();
  expect(await page.getByRole("region", { name: "The event" }).textContent()).toContain("Statuses after it");
  const values = await page.locator("article:visible td").all();
  const lefts = await Promise.all(values.map(async (value) => (await value.boundingBox())?.x));
  expect(new Set(lefts).size).toBe(1);
  if (process.env["SCREENSHOTS"]) {
    await page
      .getByRole("link", { name: /whoami\/0 ingress-relation-changed/ })
      .first()
      .click();
    await page.screenshot({ path: path.join(process.env["SCREENSHOTS"], "report.png") });
    await page.setViewportSize({ width: 420, height: 800 });
    await page.screenshot({ path: path.join(process.env["SCREENSHOTS"], "report-narrow.png") });
  }
  await page.goto(`${address}#event-5`);
  await page.reload();
  expect(await shown()).toEqual([expect.stringMatching(/^5\. /)]);
  expect([...new Set(asked.map((url) => url.split("#")[0]))]).toEqual([address]);
  expect(wrong).toEqual([]);
}, 60_000);

test("without scripts every event is on the page", async () => {
  const model = topology({ seed: 3 });
  await model.settle();
  const file = path.join(folder, "plain.html");
  model.writeReport(file);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  const links = await page.getByRole("navigation").getByRole("link").count();
  expect(await page.locator("article:visible").count()).toBe(links);
  await context.close();
}, 60_000);
