// Lines that hold one JSON object.

export type JsonObject = { readonly [key: string]: unknown };

/** Undefined when the line is no JSON object. The text is latin1 (see `LineParser`); strings come out as what they stand for. */
export function readJsonObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(plainAscii.test(line) ? line : Buffer.from(line, "latin1").toString());
    return objectIn(value);
  } catch {
    return undefined;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const plainAscii = /^[\x00-\x7f]*$/;

export const objectIn = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

export const textIn = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export const statusIn = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 999 ? value : undefined;
