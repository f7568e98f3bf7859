import { afterEach, expect, test, vi } from "vitest";
import { StreamSink } from "./sink.ts";

afterEach(() => void vi.useRealTimers());

const busy = () => Object.assign(new Error("busy"), { code: "EAGAIN" });

/** A reader that can be stopped, and takes at most so many bytes at once. */
function reader(atOnce = Number.POSITIVE_INFINITY) {
  const state = { stalled: false, broken: "", text: "", writes: 0 };
  const writeBytes = (_: number, bytes: Uint8Array): number => {
    if (state.broken !== "") throw Object.assign(new Error("broken"), { code: state.broken });
    if (state.stalled) throw busy();
    const taken = bytes.subarray(0, atOnce);
    state.text += Buffer.from(taken).toString();
    state.writes++;
    return taken.length;
  };
  return { state, writeBytes };
}

test("lines are written together: after 50 ms, or 64 KiB", () => {
  vi.useFakeTimers();
  const { state, writeBytes } = reader();
  const sink = new StreamSink(9, { whenFull: "drop", writeBytes });
  for (let index = 0; index < 100; index++) sink.write(`line ${index}\n`);
  expect(state.writes).toBe(0);
  vi.advanceTimersByTime(50);
  expect([state.writes, state.text.split("\n").length]).toEqual([1, 101]);
  sink.write(`${"x".repeat(65_536)}\n`);
  expect(state.writes).toBe(2);
});

test("a reader that takes little gets all of it, in order", () => {
  const { state, writeBytes } = reader(3);
  const sink = new StreamSink(9, { whenFull: "drop", writeBytes });
  sink.write("first líne\n");
  sink.write("second\n");
  sink.flush();
  expect(state.text).toBe("first líne\nsecond\n");
});

test("a reader that stalls stops nobody: whole lines are lost, counted, and told once it is back", () => {
  vi.useFakeTimers();
  const { state, writeBytes } = reader();
  const told: number[] = [];
  const sink = new StreamSink(9, {
    whenFull: "drop",
    most: 1000,
    writeBytes,
    recovered: (lost) => void told.push(lost),
  });
  state.stalled = true;
  for (let index = 0; index < 200; index++) sink.write(`${String(index).padStart(9)}\n`);
  vi.advanceTimersByTime(500);
  expect([sink.dropped, state.text]).toEqual([100, ""]);
  state.stalled = false;
  vi.advanceTimersByTime(50);
  expect(state.text.split("\n")).toHaveLength(101);
  expect(told).toEqual([100]);
});

test("with block everybody waits for the reader", () => {
  const { state, writeBytes } = reader();
  let tries = 0;
  const sink = new StreamSink(9, {
    whenFull: "block",
    most: 10,
    writeBytes: (descriptor, bytes) => {
      if (++tries < 3) throw busy();
      return writeBytes(descriptor, bytes);
    },
  });
  for (let index = 0; index < 5; index++) sink.write("12345678\n");
  sink.flush();
  expect([sink.dropped, state.text.length, tries > 3]).toEqual([0, 45, true]);
});

test("a reader that is gone is no reason to end", () => {
  const { state, writeBytes } = reader();
  const sink = new StreamSink(9, { whenFull: "drop", writeBytes });
  state.broken = "EPIPE";
  sink.write("a\nb\n");
  sink.flush();
  expect(sink.dropped).toBe(2);
});

test("flushing ends although nobody reads", () => {
  const { state, writeBytes } = reader();
  const sink = new StreamSink(9, { whenFull: "drop", writeBytes });
  state.stalled = true;
  sink.write("a\n");
  const from = performance.now();
  sink.flush();
  expect(performance.now() - from).toBeLessThan(1500);
});
