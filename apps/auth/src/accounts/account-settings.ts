// The settings of accounts: which passwords are taken, and who is asked about them.

import { z } from "zod";
import { isLoopback, type ProviderSettings, readProviders } from "./provider-settings.ts";

export interface AccountSettings {
  /** In characters. */
  readonly minPasswordLength: number;
  /** Of a range API as haveibeenpwned.com has it; undefined: nobody outside is asked. */
  readonly breachedPasswordsUrl: string | undefined;
  /** `required`: an address is confirmed before its account can be used. */
  readonly emailVerification: "required" | "optional";
  /** Hold secrets: not for logs. */
  readonly providers: readonly ProviderSettings[];
}

/** https://haveibeenpwned.com/API/v3#PwnedPasswords; it takes no key, and learns 20 bits of a hash. */
const publicRanges = "https://api.pwnedpasswords.com/range/";

export const accountVariables = {
  MIN_PASSWORD_LENGTH: z
    .string()
    .refine((text) => /^\d{1,3}$/.test(text) && Number(text) >= 8 && Number(text) <= 64, {
      message: "write a number from 8 to 64",
    })
    .transform(Number)
    .default(8),
  BREACHED_PASSWORDS_URL: z
    .string()
    .refine((text) => text === "none" || isRangeUrl(text), {
      message: `write none, or an address that five hexadecimal digits can be put behind, such as ${publicRanges}`,
    })
    .optional(),
  EMAIL_VERIFICATION: z.enum(["required", "optional"], "write required or optional").optional(),
  OIDC_PROVIDERS: z.string().transform(readProviders).optional(),
};

type AccountValues = z.output<z.ZodObject<typeof accountVariables>>;

interface Circumstances {
  readonly production: boolean;
  /** Whether mails reach anybody. */
  readonly sendsMail: boolean;
}

export function toAccountSettings(
  values: AccountValues,
  { production, sendsMail }: Circumstances,
): AccountSettings {
  const { MIN_PASSWORD_LENGTH, BREACHED_PASSWORDS_URL, EMAIL_VERIFICATION, OIDC_PROVIDERS = [] } = values;
  // What is being tried out calls nobody.
  const url = BREACHED_PASSWORDS_URL ?? (production ? publicRanges : "none");
  return {
    minPasswordLength: MIN_PASSWORD_LENGTH,
    breachedPasswordsUrl: url === "none" ? undefined : url,
    emailVerification: EMAIL_VERIFICATION ?? (sendsMail ? "required" : "optional"),
    providers: OIDC_PROVIDERS,
  };
}

function isRangeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || !/[/=]$/.test(text)) return false;
  // Whoever stands in between an unencrypted call could say that every password is fine.
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}
