// The browsers that are known to have signed in, the one in front of its owner first, and how to sign one of them out.

import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { DateText } from "../date-text.tsx";
import { Loaded } from "../loaded.tsx";
import { placeText } from "../place-text.ts";
import { Section } from "../section.tsx";
import { type Device, revokeDevice, useDevices } from "./device-list.ts";

export function DevicesSection() {
  const query = useDevices();
  return (
    <Section
      title="Your devices"
      intro="Browsers that have signed in to your account. Is there one that you do not know? Sign it out, and change your password."
    >
      <Loaded query={query}>
        {({ devices }) => (
          <ul className="items" aria-label="Your devices">
            {devices
              .toSorted((left, right) => Number(right.current) - Number(left.current))
              .map((device) => (
                <DeviceItem key={device.id} device={device} onChange={() => void query.refetch()} />
              ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

interface DeviceItemProps {
  readonly device: Device;
  onChange(): void;
}

function DeviceItem({ device, onChange }: DeviceItemProps) {
  const { id, name, current, lastUsedAt, createdAt, ip } = device;
  const place = placeText(device);
  return (
    <li>
      <div>
        <p className="item-name">
          {name}
          {current && <span className="badge badge-good">This device</span>}
        </p>
        <p className="field-hint">
          {place === undefined ? ip : `${place} (${ip})`} · last signed in <DateText time={lastUsedAt} />
        </p>
        <p className="field-hint">
          Known since <DateText time={createdAt} />
        </p>
      </div>
      {!current && (
        <ConfirmDialog
          trigger="Sign out"
          triggerLabel={`Sign out ${name}`}
          title={`Sign out ${name}?`}
          description="It has to sign in anew, and counts as an unknown device then."
          action="Sign it out"
          request={() => revokeDevice(id)}
          onDone={onChange}
        />
      )}
    </li>
  );
}
