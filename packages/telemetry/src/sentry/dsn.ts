// A DSN: where reports go, and the key that lets them in, as one URL.

export interface Dsn {
  readonly host: string;
  readonly projectId: string;
  readonly publicKey: string;
  /** Whole, as the SDK takes it. Holds the key: not for logs. */
  readonly url: string;
}

/**
 * Reads `https://KEY@HOST/PROJECT`, perhaps with a port and a path before the project.
 * @returns undefined when it is anything else
 */
export function parseDsn(text: string): Dsn | undefined {
  const url = URL.parse(text);
  if (url === null || !["https:", "http:"].includes(url.protocol) || url.search + url.hash !== "") return;
  const projectId = url.pathname.split("/").at(-1) ?? "";
  if (!/^\w{1,128}$/.test(url.username) || !/^\w*$/.test(url.password) || !/^\d{1,20}$/.test(projectId))
    return;
  return { host: url.host, projectId, publicKey: url.username, url: url.href };
}
