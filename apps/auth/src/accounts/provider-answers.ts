// What providers answer: waited for a while, and taken for what it claims to be only when it is.

import type { AuthContext } from "better-auth";
import { accountEmail } from "./email-address.ts";

type Provider = AuthContext["socialProviders"][number];

const longestName = 200;
const longestUrl = 2_000;

const bounded = new WeakSet<Provider>();

/**
 * Better Auth waits for a provider's token and user-info endpoints as long as they like, takes an error of the network there
 * for one of its own, and any JSON for a name. Whoever comes back from such a provider is told, and can come in another way.
 * @param answerMs how long one answer is waited for
 */
export function boundAnswers(provider: Provider, answerMs: number): void {
  if (bounded.has(provider)) return;
  bounded.add(provider);
  const { validateAuthorizationCode, getUserInfo } = provider;
  // Better Auth says `invalid_code` when this fails, and `unable_to_get_user_info` when there is nobody.
  provider.validateAuthorizationCode = async (data) =>
    within(validateAuthorizationCode(data), answerMs, null).then(orFail);
  provider.getUserInfo = async (tokens) => {
    const found = await within(getUserInfo(tokens), answerMs, null).catch(() => null);
    return found && { ...found, user: { ...found.user, ...plain(found.user) } };
  };
}

/** An address that no sign-up would take is none: see email-address.ts. */
function plain({ email, name, image }: { readonly [claim: string]: unknown }) {
  return {
    email: typeof email === "string" ? accountEmail(email) : undefined,
    name: typeof name === "string" ? name.replaceAll("\0", "").toWellFormed().slice(0, longestName) : "",
    image: typeof image === "string" && URL.canParse(image) && image.length <= longestUrl ? image : undefined,
  };
}

function orFail<Answer>(answer: Answer | null): Answer {
  if (answer === null) throw new Error("The provider's token endpoint did not answer in time.");
  return answer;
}

/** @param otherwise what to go on with when there is no result in time */
export async function within<Result>(
  result: Promise<Result>,
  timeoutMs: number,
  otherwise: Result,
): Promise<Result> {
  const { promise: late, resolve } = Promise.withResolvers<Result>();
  const timer = setTimeout(() => resolve(otherwise), timeoutMs);
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}
