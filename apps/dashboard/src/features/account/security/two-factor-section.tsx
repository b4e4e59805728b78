// The second factor: whether there is one, and the way to it.

import { useState } from "react";
import { Notice } from "../../../ui/notice.tsx";
import { Reveal } from "../../../ui/reveal.tsx";
import { useHasPassword } from "../has-password.ts";
import { Section } from "../section.tsx";
import { BackupCodes } from "./backup-codes.tsx";
import { NewBackupCodes, TurnOff } from "./two-factor-changes.tsx";
import { StartTwoFactor, TryTwoFactor, type TwoFactorStart } from "./two-factor-setup.tsx";

type Step =
  | { readonly name: "idle" }
  | { readonly name: "try"; readonly start: TwoFactorStart }
  | { readonly name: "codes"; readonly codes: readonly string[] };

export function TwoFactorSection({ isOn }: { readonly isOn: boolean }) {
  const [step, setStep] = useState<Step>({ name: "idle" });
  const asksPassword = useHasPassword();
  const idle = () => setStep({ name: "idle" });
  const showCodes = (codes: readonly string[]) => setStep({ name: "codes", codes });
  return (
    <Section
      title="Second factor"
      intro="A code of an authenticator app, asked for after your password. Whoever learns your password still cannot sign in."
    >
      {step.name === "try" && (
        <TryTwoFactor start={step.start} onDone={() => showCodes(step.start.backupCodes)} />
      )}
      {step.name === "codes" && (
        <>
          {isOn && <Notice kind="good">Your second factor is on.</Notice>}
          <BackupCodes codes={step.codes} onDone={idle} />
        </>
      )}
      {step.name === "idle" && !isOn && (
        <Reveal label="Turn on the second factor">
          <StartTwoFactor
            asksPassword={asksPassword}
            onStarted={(start) => setStep({ name: "try", start })}
          />
        </Reveal>
      )}
      {step.name === "idle" && isOn && (
        <>
          <p>
            <span className="badge badge-good">On</span>
          </p>
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
