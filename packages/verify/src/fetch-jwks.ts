// Reads a JSON Web Key Set over HTTP.

/** More bytes, or more time, than any issuer needs. */
const largestBody = 64 * 1024;
const patienceMs = 5_000;

/** @throws Error when the answer is no JSON, too large, too late, or not 200 */
export async function fetchJwks(url: string, fetch: typeof globalThis.fetch): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    // Whoever can make the issuer redirect must not choose the keys.
    redirect: "error",
    signal: AbortSignal.timeout(patienceMs),
  });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
  let size = 0;
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > largestBody) throw new Error(`${url} sent more than ${largestBody} bytes.`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}
