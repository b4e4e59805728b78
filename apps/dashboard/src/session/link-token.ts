// The one-time token of the link that somebody followed here, taken out of the address before anything else happens.

import { splitToken } from "./split-token.ts";

const { token, rest } = splitToken(window.location);
// Not in the history, in no bookmark, on no screen that is looked at over a shoulder, in no address that is copied.
if (token !== undefined) window.history.replaceState(window.history.state, "", rest);

/** Undefined when the link was incomplete. */
export const linkToken = token;
