/** Times as Go prints them. */

/** A time zone at some moment. */
export interface Zone {
  /** Minutes east of UTC. */
  readonly minutes: number;
  /** `CET`; empty when the zone has no short name. */
  readonly name: string;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** `+0100`. */
function offsetText(minutes: number): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(absolute / 60))}${pad(absolute % 60)}`;
}

/** The zone of this process. */
function localZone(date: Date): Zone {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return { minutes, name: "UTC" };
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return { minutes, name: /^[A-Z]{3,5}$/.test(name) ? name : "" };
}

/**
 * A time in the layout of Go's `time.Time.String`: `2023-11-14 22:13:20.5 +0000 UTC`.
 *
 * @param milliseconds Since the epoch.
 * @param zone The process's own unless given.
 * @see golang/go: src/time/format.go
 */
export function goTime(milliseconds: number, zone: Zone = localZone(new Date(milliseconds))): string {
  const date = new Date(milliseconds + zone.minutes * 60_000);
  if (Number.isNaN(date.getTime())) return "";
  const [day, clock] = date.toISOString().split(/[TZ]/) as [string, string];
  const offset = offsetText(zone.minutes);
  const time = clock.replace(/\.000$|(?<=\.\d*[1-9])0+$/, "");
  return `${day} ${time} ${offset} ${zone.name || offset.replace(/00$/, "")}`;
}
