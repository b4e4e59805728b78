// A wait that runs down, and says when it is over.

import { useEffect, useState } from "react";
import { clockText, endText, spokenText } from "./countdown-text.ts";

/** Whole seconds until then, counted down once a second; 0 when it is over or there is none. */
export function useSecondsUntil(time: number | undefined): number {
  const [now, setNow] = useState(Date.now);
  const seconds = time === undefined ? 0 : Math.max(0, Math.ceil((time - now) / 1000));
  useEffect(() => {
    if (time === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= time) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}

interface CountdownProps {
  readonly seconds: number;
  /** When it is over, milliseconds since 1970. */
  readonly end: number;
}

/** Who waits for minutes puts the page aside: the time of day says when to come back. */
const worthATimeOfDay = 2 * 60;

export function Countdown({ seconds, end }: CountdownProps) {
  return (
    <div className="countdown">
      <p aria-hidden="true">
        {seconds > 0 ? (
          <>
            You can try again in <strong className="clock">{clockText(seconds)}</strong>
            {seconds > worthATimeOfDay && `, at ${endText(end, Date.now())}`}
          </>
        ) : (
          "You can try again now."
        )}
      </p>
      <p role="status" className="visually-hidden">
        {spokenText(seconds)}
      </p>
    </div>
  );
}
