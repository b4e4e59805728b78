// The devices of an account as the server lists them.

import { useQuery } from "@tanstack/react-query";
import { authClient } from "../../../auth-client.ts";
import { load } from "../load.ts";
import type { Place } from "../place-text.ts";

export interface Device extends Place {
  readonly id: string;
  /** Browser and system, in words. */
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly ip: string;
  /** The one in front of its owner. */
  readonly current: boolean;
}

export function useDevices() {
  return useQuery({
    queryKey: ["devices"],
    queryFn: () => load(authClient.$fetch<{ devices: readonly Device[] }>("/devices", { method: "GET" })),
  });
}

/** Ends the device's sessions, and makes it a stranger. */
export function revokeDevice(id: string) {
  return authClient.$fetch("/devices/revoke", { method: "POST", body: { id } });
}
