// The endpoints of this server's own that check a secret, for the guard's table beside Better Auth's.

import { passkeyFactorChecks } from "./accounts/passkey-factor.ts";
import { ownerChecks } from "./devices/owner-endpoints.ts";

export const ownChecks = { ...ownerChecks, ...passkeyFactorChecks } as const;
