// Why somebody who went to a provider comes back without being signed in, as the address says.

const parameter = "error";

/** The code; `search` is written by whoever leads here, so it only chooses among words that the page has. */
export function providerError(search: string): string | undefined {
  return new URLSearchParams(search).get(parameter) ?? undefined;
}
