// What happened to one's own account lately.

import { useQuery } from "@tanstack/react-query";
import { authClient } from "../../../auth-client.ts";
import { DateText } from "../date-text.tsx";
import { load } from "../load.ts";
import { Loaded } from "../loaded.tsx";
import { type Place, placeText } from "../place-text.ts";
import { Section } from "../section.tsx";
import { whatHappened, whatWasDone } from "./event-words.ts";

interface AccountEvent extends Place {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly ip: string;
  /** In words. */
  readonly browser: string;
  readonly action: string | null;
}

const ask = () =>
  load(authClient.$fetch<{ events: readonly AccountEvent[] }>("/security-events", { method: "GET" }));

export function EventsSection() {
  const query = useQuery({ queryKey: ["security-events"], queryFn: ask });
  return (
    <Section
      title="Security events"
      intro="What was noticed about your account lately. If it was not you, sign out everywhere and change your password."
    >
      <Loaded query={query}>
        {({ events }) =>
          events.length === 0 ? (
            <p>Nothing out of the ordinary was noticed.</p>
          ) : (
            <ul className="items" aria-label="Security events">
              {events.map((event) => (
                <EventItem key={event.id} event={event} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

function EventItem({ event }: { readonly event: AccountEvent }) {
  const place = placeText(event);
  const consequence = whatWasDone(event.action);
  return (
    <li>
      <div>
        <p className="item-name">
          {whatHappened(event.type)}
          {consequence !== undefined && <span className="badge badge-caution">{consequence}</span>}
        </p>
        <p className="field-hint">
          <DateText time={event.at} /> · {event.browser} ·{" "}
          {place === undefined ? event.ip : `${place} (${event.ip})`}
        </p>
      </div>
    </li>
  );
}
