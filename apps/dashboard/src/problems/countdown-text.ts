// How long a wait still takes: to the second for the eye, in few steps for the ear.

const minute = 60;
const hour = 60 * minute;

/** Such as 0:59 or 1:00:00. */
export function clockText(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / minute);
  return seconds < hour
    ? `${minutes}:${two(seconds % minute)}`
    : `${Math.floor(minutes / minute)}:${two(minutes % minute)}:${two(seconds % minute)}`;
}

/** Changes seldom, so that a screen reader that says each change is not heard all the time. */
export function spokenText(seconds: number): string {
  if (seconds <= 0) return "You can try again now.";
  if (seconds <= 15) return "You can try again in a few seconds.";
  if (seconds <= minute) return "You can try again in less than a minute.";
  if (seconds <= 10 * minute) return `You can try again in ${Math.ceil(seconds / minute)} minutes.`;
  if (seconds <= hour)
    return `You can try again in about ${Math.ceil(seconds / (10 * minute)) * 10} minutes.`;
  const hours = Math.ceil(seconds / hour);
  return `You can try again in about ${hours} hours.`;
}

/** When a wait is over, in the reader's own way to write a time; with the day when it is not today. */
export function endText(end: number, now: number, language?: string): string {
  const day = (time: number) => new Date(time).toDateString();
  return new Intl.DateTimeFormat(language, {
    hour: "numeric",
    minute: "2-digit",
    ...(day(end) === day(now) ? {} : { weekday: "long" }),
  }).format(end);
}
