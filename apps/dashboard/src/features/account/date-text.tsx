// A point in time as people in this place write it, and exactly for programs.

interface DateTextProps {
  /** Milliseconds since 1970, a date, or its text (RFC 3339). */
  readonly time: Date | number | string;
}

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function DateText({ time }: DateTextProps) {
  const date = new Date(time);
  return <time dateTime={date.toISOString()}>{format.format(date)}</time>;
}
