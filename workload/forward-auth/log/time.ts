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
