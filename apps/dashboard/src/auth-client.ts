// Better Auth's own client, for the server that these pages came from.

import { createAuthClient } from "better-auth/react";

export const authClient = createAuthClient({ baseURL: window.location.origin });
