// The second factor: whether there is one, and the way to it.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { authClient } from "../../../auth-client.ts";
import { Notice } from "../../../ui/notice.tsx";
import { Reveal } from "../../../ui/reveal.tsx";
import { askForMethods } from "../../sign-in/second-factor-methods.ts";
import { useHasPassword } from "../has-password.ts";
import { load } from "../load.ts";
import { Section } from "../section.tsx";
import { BackupCodes } from "./backup-codes.tsx";
import { NewBackupCodes, TurnOff } from "./two-factor-changes.tsx";
import {
  StartPasskeyFactor,
  StartTwoFactor,
  TryTwoFactor,
  type TwoFactorStart,
} from "./two-factor-setup.tsx";

type Step =
  | { readonly name: "idle" }
  | { readonly name: "try"; readonly start: TwoFactorStart }
  | { readonly name: "codes"; readonly codes: readonly string[] };

export function TwoFactorSection({ isOn }: { readonly isOn: boolean }) {
  const [step, setStep] = useState<Step>({ name: "idle" });
  const asksPassword = useHasPassword();
  const methods = useQuery({ queryKey: ["second-factor", isOn], queryFn: () => load(askForMethods()) });
  const passkeys = useQuery({
    queryKey: ["passkeys"],
    queryFn: () => load(authClient.passkey.listUserPasskeys()),
  });
  const hasPasskey = (passkeys.data?.length ?? 0) > 0;
  const hasApp = methods.data?.includes("totp") ?? true;
  const idle = () => setStep({ name: "idle" });
  const showCodes = (codes: readonly string[]) => setStep({ name: "codes", codes });
  const start = (started: TwoFactorStart) => setStep({ name: "try", start: started });
  const afterTry = (started: TwoFactorStart) => () => {
    void methods.refetch();
    // Whoever had a passkey only keeps the codes from then.
    if (started.backupCodes.length > 0) showCodes(started.backupCodes);
    else idle();
  };
  return (
    <Section
      title="Second factor"
      intro="A code of an authenticator app or a passkey, asked for after your password. Whoever learns your password still cannot sign in."
    >
      {step.name === "try" && <TryTwoFactor start={step.start} onDone={afterTry(step.start)} />}
      {step.name === "codes" && (
        <>
          {isOn && <Notice kind="good">Your second factor is on.</Notice>}
          <BackupCodes codes={step.codes} onDone={idle} />
        </>
      )}
      {step.name === "idle" && !isOn && (
        <>
          <Reveal label="Turn on the second factor">
            <StartTwoFactor asksPassword={asksPassword} onStarted={start} />
          </Reveal>
          {hasPasskey && (
            <Reveal label="Ask for a passkey after the password">
              <StartPasskeyFactor asksPassword={asksPassword} onCodes={showCodes} />
            </Reveal>
          )}
        </>
      )}
      {step.name === "idle" && isOn && (
        <>
          <p>
            <span className="badge badge-good">On</span> <span>{waysOf(hasApp, hasPasskey)}</span>
          </p>
          {!hasApp && (
            <Reveal label="Add an authenticator app">
              <StartTwoFactor asksPassword={asksPassword} onStarted={start} />
            </Reveal>
          )}
          <div className="actions">
            <Reveal label="New backup codes">
              <NewBackupCodes asksPassword={asksPassword} onCodes={showCodes} />
            </Reveal>
            <TurnOff asksPassword={asksPassword} />
          </div>
        </>
      )}
    </Section>
  );
}

function waysOf(hasApp: boolean, hasPasskey: boolean): string {
  if (hasApp && hasPasskey) return "Your authenticator app or a passkey";
  return hasApp ? "Your authenticator app" : "A passkey";
}
