import { describe, expect, test } from "vitest";
import type { PebbleClock } from "./clock.ts";
import { LogBuffer } from "./log-buffer.ts";
import { LogGatherer } from "./log-gatherer.ts";
import type { LogLine } from "./log-sender.ts";

/** A clock that moves when told. */
function manualClock(): PebbleClock & { advance(ms: number): Promise<void> } {
  let now = 0;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    async advance(ms) {
      await settled();
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
      await settled();
    },
  };
}

function gathering(send: (lines: readonly LogLine[], signal: AbortSignal) => Promise<number>) {
  const clock = manualClock();
  let time = 0n;
  const logs = new LogBuffer("web", () => {
    time += 1_000_000n;
    return time;
  });
  const sent: string[][] = [];
  const sender = {
    send: (lines: readonly LogLine[], _labels: unknown, signal: AbortSignal) => {
      sent.push(lines.map(({ message }) => message));
      return send(lines, signal);
    },
    close: () => undefined,
  };
  const gatherer = new LogGatherer(sender, { clock, logFlushMs: 1000 });
  gatherer.setSources(new Map([["web", { labels: {}, logs }]]));
  const sink = logs.sink();
  const write = (text: string) => sink.write(Buffer.from(text));
  return { clock, gatherer, sent, write };
}

describe("LogGatherer", () => {
  test("sends what came within a second of the first line, and nothing while nothing comes", async () => {
    const { clock, sent, write } = gathering(async (lines) => lines.length);
    write("1\n");
    await clock.advance(900);
    write("2\n");
    expect(sent).toEqual([]);
    await clock.advance(100);
    expect(sent).toEqual([["1", "2"]]);
    await clock.advance(10_000);
    expect(sent).toHaveLength(1);
  });

  test("a server that does not answer holds up neither the service nor the end for more than seconds", async () => {
    const never = () => new Promise<number>(() => undefined);
    const { clock, gatherer, sent, write } = gathering(never);
    write("1\n");
    await clock.advance(1000);
    for (let line = 0; line < 1000; line += 1) write(`${line}\n`);
    expect(sent).toEqual([["1"]]); // what comes meanwhile stays with its service
    let over = false;
    const stopped = gatherer.stop().then(() => {
      over = true;
    });
    await clock.advance(999);
    expect(over).toBe(false);
    await clock.advance(1);
    for (let left = 20; left > 0 && !over; left -= 1) await clock.advance(2000);
    await stopped;
    expect(sent.at(-1)).toEqual(Array.from({ length: 100 }, (_none, line) => String(line + 900)));
  });

  test("a service that is taken off sends no more; its lines before that had their labels", async () => {
    const { clock, gatherer, sent, write } = gathering(async (lines) => lines.length);
    write("before\n");
    await clock.advance(0);
    gatherer.setSources(new Map());
    await clock.advance(0);
    write("after\n");
    await clock.advance(5000);
    expect(sent).toEqual([["before"]]);
  });
});
