// Where an address is, in words of the reader's language.

export interface Place {
  /** ISO 3166-1 alpha-2, when it is known. */
  readonly country: string | null;
  readonly city: string | null;
}

/** Such as "Berlin, Germany"; undefined when nothing is known. */
export function placeText({ country, city }: Place, language?: string): string | undefined {
  const name = country === null ? undefined : countryName(country, language);
  return [city, name].filter(Boolean).join(", ") || undefined;
}

function countryName(code: string, language: string | undefined): string | undefined {
  try {
    return new Intl.DisplayNames(language, { type: "region" }).of(code);
  } catch {
    // What is no region's code is shown as it came.
    return code;
  }
}
