const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `Z` or `+02:00`: the local zone at that time. */
function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** `04 Mar 2026 05:06:07Z` in local time, `2026-03-04 05:06:07Z` in UTC. */
export function sinceText(rfc3339: string, utc: boolean): string {
  const date = new Date(rfc3339);
  if (utc)
    return date
      .toISOString()
      .replace("T", " ")
      .replace(/\.\d+Z$/, "Z");
  const day = `${two(date.getDate())} ${months[date.getMonth()]} ${date.getFullYear()}`;
  return `${day} ${clockText(date)}${zone(date)}`;
}

/** `05:06:07Z` in local time, `05:06:07` in UTC. */
export function timestampText(rfc3339: string, utc: boolean): string {
  const date = new Date(rfc3339);
  return utc ? date.toISOString().slice(11, 19) : `${clockText(date)}${zone(date)}`;
}

/** `05:06:07`, local time. */
export function clockText(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `27 seconds ago`, `just now`, as Juju says it. */
export function agoText(ms: number): string {
  const steps = [
    ["day", 24 * 3600],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, size] = steps.find(([, length]) => ms / 1000 >= length) ?? ["second", 1];
  const count = Math.floor(ms / 1000 / size);
  return count < 1 ? "just now" : `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}
