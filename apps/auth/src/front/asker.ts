// As whom a sign-in waits: a device of the very account that it asks for, or a stranger.

import type { Devices } from "../devices/devices.ts";
import type { JobSource } from "../fair-queue.ts";
import { knownDevice, strangerAt } from "../password-queue.ts";

export interface AskerOptions {
  readonly devices: Pick<Devices, "ofAccount">;
  readonly accountKey: (email: string) => string;
}

/** Makes a function that reads whose account a body is about; whatever it cannot read is a stranger's, and the application's to refuse. */
export function createAsker({ devices, accountKey }: AskerOptions) {
  return async (ip: string, cookie: string, body: Buffer): Promise<JobSource> => {
    try {
      const { email } = JSON.parse(body.toString());
      const device = await devices.ofAccount(new Headers({ cookie }), accountKey(email));
      return device === undefined ? strangerAt(ip) : knownDevice(device);
    } catch {
      return strangerAt(ip);
    }
  };
}
