// Signing in with a passkey: by a button, from the browser's own list under the e-mail field, or as the second step.

import {
  type AuthenticationResponseJSON,
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import { useEffect, useRef, useState } from "react";
import { authClient } from "../../auth-client.ts";
import { type Problem, toProblem } from "../../problems/problem.ts";
import type { Answer } from "../../problems/use-submission.ts";

export const hasPasskeys = "PublicKeyCredential" in window;

type Challenge = PublicKeyCredentialRequestOptionsJSON;

/** @param isSecondStep only the passkeys of the account whose password was right */
export async function signInWithPasskey(isSecondStep = false): Promise<Answer<unknown>> {
  const { data, error } = await askForChallenge(isSecondStep);
  return error === null ? answer(data, false) : { data: null, error };
}

/** Better Auth's client asks for a challenge in one way only, so both requests are made here. */
async function askForChallenge(isSecondStep: boolean) {
  const query = isSecondStep ? { query: { step: "second-factor" } } : {};
  return authClient.$fetch<Challenge>("/passkey/generate-authenticate-options", { method: "GET", ...query });
}

async function answer(optionsJSON: Challenge, useBrowserAutofill: boolean): Promise<Answer<unknown>> {
  let response: AuthenticationResponseJSON;
  try {
    response = await startAuthentication({ optionsJSON, useBrowserAutofill });
  } catch {
    return { data: null, error: { code: cancelled } };
  }
  return authClient.$fetch("/passkey/verify-authentication", { method: "POST", body: { response } });
}

const cancelled = "AUTH_CANCELLED";

interface Autofill {
  /** Before something else is done with passkeys; there is one challenge at a time. */
  stop(): Promise<void>;
  restart(): void;
}

/**
 * Offers passkeys in the browser's list at the e-mail field, as soon as the page is there. Nobody is told when it ends
 * without one: nobody has asked for it.
 */
export function usePasskeyAutofill(
  isOffered: boolean,
  onSignedIn: () => void,
  onProblem: (problem: Problem) => void,
): Autofill {
  const [round, setRound] = useState(0);
  const stop = useRef(async () => {});
  const handlers = useRef({ onSignedIn, onProblem });
  handlers.current = { onSignedIn, onProblem };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a new ceremony
  useEffect(() => {
    if (!isOffered) return;
    stop.current = offer((error) => {
      if (error === null) return handlers.current.onSignedIn();
      handlers.current.onProblem(toProblem(error, Date.now()));
      // It was picked, and did not do: the next one needs a challenge of its own.
      setRound((before) => before + 1);
    });
    return () => void stop.current();
  }, [isOffered, round]);
  return { stop: () => stop.current(), restart: () => setRound((before) => before + 1) };
}

/**
 * @param onPicked with the server's word about the passkey that was picked
 * @returns how to stop it, which is done when no request of it is under way
 */
function offer(onPicked: (error: Answer<unknown>["error"]) => void): () => Promise<void> {
  let isStopped = false;
  const asked = browserSupportsWebAuthnAutofill()
    .then((isSupported) => (isSupported ? askForChallenge(false) : undefined))
    .catch(() => undefined);
  void asked.then(async (challenge) => {
    if (isStopped || !challenge?.data) return;
    const { error } = await answer(challenge.data, true).catch(() => ({ error: { code: cancelled } }));
    if (!isStopped && error?.code !== cancelled) onPicked(error);
  });
  return async () => {
    isStopped = true;
    WebAuthnAbortService.cancelCeremony();
    await asked;
  };
}
