/**
 * What the process itself uses, under the names that Prometheus clients share.
 *
 * @see Prometheus: process metrics; prom-client: default metrics
 */
import { readdirSync, readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { type Family, single } from "./families.ts";

/** A file of the kernel's; empty where there is none. */
function kernelText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** Soft limit of a resource; -1: none. */
function limitOf(name: string): number {
  const [, soft = ""] = new RegExp(`^${name}\\s+(\\S+)`, "m").exec(kernelText("/proc/self/limits")) ?? [];
  return soft === "unlimited" || soft === "" ? -1 : Number(soft);
}

const virtualMemory = (): number =>
  Number(/^VmSize:\s+(\d+)/m.exec(kernelText("/proc/self/status"))?.[1] ?? 0) * 1024;

/** Bytes of the network, by the kernel's word for them. */
function networkBytes(name: "InOctets" | "OutOctets"): number {
  const [names = "", values = ""] = kernelText("/proc/self/net/netstat")
    .split("\n")
    .filter((line) => line.startsWith("IpExt:"));
  return Number(values.split(" ")[names.split(" ").indexOf(name)] ?? 0);
}

const STARTED = Date.now() / 1000 - process.uptime();

/** Families about the process. */
export function processFamilies(): readonly Family[] {
  let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  /** Measured from the first scrape on: nobody who does not look pays for it. */
  const eventLoopDelay = () => {
    delay ??= monitorEventLoopDelay({ resolution: 20 });
    delay.enable();
    const seconds = delay.percentile(99) / 1e9;
    delay.reset();
    return Number.isFinite(seconds) ? seconds : 0;
  };
  return [
    single("process_cpu_seconds_total", "CPU time of user and system, in seconds.", "counter", cpu),
    single(
      "process_start_time_seconds",
      "Start of the process, in seconds since the epoch.",
      "gauge",
      () => STARTED,
    ),
    single("process_resident_memory_bytes", "Resident memory.", "gauge", () => process.memoryUsage.rss()),
    single("process_virtual_memory_bytes", "Virtual memory.", "gauge", virtualMemory),
    single("process_virtual_memory_max_bytes", "Most virtual memory; -1: no limit.", "gauge", () =>
      limitOf("Max address space"),
    ),
    single("process_open_fds", "Open file descriptors.", "gauge", openFiles),
    single("process_max_fds", "Most file descriptors.", "gauge", () => limitOf("Max open files")),
    single("process_network_receive_bytes_total", "Bytes received.", "counter", () =>
      networkBytes("InOctets"),
    ),
    single("process_network_transmit_bytes_total", "Bytes sent.", "counter", () => networkBytes("OutOctets")),
    single("nodejs_heap_size_used_bytes", "Heap in use.", "gauge", () => getHeapStatistics().used_heap_size),
    single(
      "nodejs_heap_size_total_bytes",
      "Heap reserved.",
      "gauge",
      () => getHeapStatistics().total_heap_size,
    ),
    single(
      "nodejs_external_memory_bytes",
      "Memory of buffers.",
      "gauge",
      () => process.memoryUsage().external,
    ),
    single(
      "nodejs_eventloop_lag_p99_seconds",
      "Delay of the event loop since the last scrape, 99th percentile.",
      "gauge",
      eventLoopDelay,
    ),
    {
      name: "nodejs_version_info",
      lines: () => [
        "# HELP nodejs_version_info Version of Node.js.",
        "# TYPE nodejs_version_info gauge",
        `nodejs_version_info{version="${process.version}"} 1`,
      ],
    },
  ];
}
