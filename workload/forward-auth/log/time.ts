/** Times in logs. */

const two = (value: number): string => String(value).padStart(2, "0");

function dated(time: number, local: boolean): string {
  const date = new Date(local ? time - new Date(time).getTimezoneOffset() * 60_000 : time);
  const day = `${date.getUTCFullYear()}/${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** `2006/01/02 15:04:05`, made anew once a second. @param local False: UTC. */
export function secondStamp(local: boolean): (time: number) => string {
  let [known, text] = [Number.NaN, ""];
  return (time) => {
    const second = Math.floor(time / 1000);
    if (second !== known) [known, text] = [second, dated(time, local)];
    return text;
  };
}

/** `2006-01-02T15:04:05.000Z`, made anew once a millisecond. */
export function isoStamp(): (time: number) => string {
  let [known, text] = [Number.NaN, ""];
  return (time) => {
    if (time !== known) [known, text] = [time, new Date(time).toISOString()];
    return text;
  };
}

/**
 * A time as Go shows one: `2006-01-02 15:04:05.123456789 +0000 UTC`.
 *
 * @param time Milliseconds since the epoch.
 * @see Go time.Time.String
 */
export function goTime(time: number): string {
  const offset = -new Date(time).getTimezoneOffset();
  const date = new Date(time + offset * 60_000).toISOString();
  const fraction = date.slice(19, 23).replace(/\.?0+$/, "");
  const sign = offset < 0 ? "-" : "+";
  const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return `${date.slice(0, 10)} ${date.slice(11, 19)}${fraction} ${zone} ${offset === 0 ? "UTC" : zone}`;
}
