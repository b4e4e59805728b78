// What Better Auth's cookies are called, and when browsers send them.

/**
 * Over https a browser takes a cookie named `__Host-…` only from this host itself, for all of its paths, encrypted
 * (RFC 6265bis, 4.1.3.2): no neighbour under the same domain can plant one here.
 * @param publicUrl the origin under which browsers reach this server
 */
export function sessionCookies(publicUrl: string) {
  if (!publicUrl.startsWith("https:")) return { cookiePrefix: "flux" };
  return {
    cookiePrefix: "__Host-flux",
    // Better Auth's own way of saying secure would put `__Secure-` before it.
    useSecureCookies: false,
    defaultCookieAttributes: { secure: true },
  };
}
