// The cookie that holds a browser's refresh token: out of reach of scripts, and sent to the one path that exchanges it.

/** Where refresh tokens are exchanged. */
export const refreshPath = "/api/auth/refresh";

export interface RefreshCookie {
  readonly name: string;
  readonly attributes: {
    readonly path: string;
    readonly httpOnly: true;
    readonly secure: boolean;
    readonly sameSite: "strict";
    /** Seconds. */
    readonly maxAge: number;
  };
}

const dayS = 24 * 60 * 60;

/** @param publicUrl without https the cookie can have neither `Secure` nor the name that demands it */
export function refreshCookie(publicUrl: string): RefreshCookie {
  const secure = publicUrl.startsWith("https:");
  return {
    // `__Host-` would demand the path "/".
    name: `${secure ? "__Secure-" : ""}flux.refresh_token`,
    attributes: { path: refreshPath, httpOnly: true, secure, sameSite: "strict", maxAge: 30 * dayS },
  };
}
