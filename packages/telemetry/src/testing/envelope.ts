// Reads Sentry's envelopes, as https://develop.sentry.dev/sdk/data-model/envelopes/ describes them.

export interface EnvelopeItem {
  readonly type: string;
  readonly header: { readonly [name: string]: unknown };
  /** As text; JSON for everything but attachments. */
  readonly payload: string;
}

export interface Envelope {
  readonly header: { readonly [name: string]: unknown };
  readonly items: readonly EnvelopeItem[];
  /** All of it, as it came. */
  readonly text: string;
}

const newline = 0x0a;

/**
 * A line with the envelope's header; then for each item a line with its header and its payload, which is as long as the header
 * says, or one line when it says nothing.
 * @throws SyntaxError when it is anything else
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const body = Buffer.from(bytes);
  let at = 0;

  function line(): string {
    const end = body.indexOf(newline, at);
    const text = body.toString("utf8", at, end < 0 ? body.length : end);
    at = end < 0 ? body.length : end + 1;
    return text;
  }

  function payload(length: unknown): string {
    if (length === undefined) return line();
    if (!Number.isInteger(length) || (length as number) < 0 || at + (length as number) > body.length) {
      throw new SyntaxError(`An item is said to be ${length} bytes long, and ${body.length - at} are left.`);
    }
    const end = at + (length as number);
    const text = body.toString("utf8", at, end);
    if (end < body.length && body[end] !== newline) throw new SyntaxError("No line ends behind an item.");
    at = end + 1;
    return text;
  }

  const header = object(line());
  const items: EnvelopeItem[] = [];
  while (at < body.length) {
    // One empty line at the end is allowed.
    if (at === body.length - 1 && body[at] === newline) break;
    const itemHeader = object(line());
    const { type, length } = itemHeader;
    if (typeof type !== "string") throw new SyntaxError("An item has no type.");
    items.push({ type, header: itemHeader, payload: payload(length) });
  }
  return { header, items, text: body.toString("utf8") };
}

function object(text: string): { readonly [name: string]: unknown } {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("A header is no JSON object.");
  }
  return value as { readonly [name: string]: unknown };
}
