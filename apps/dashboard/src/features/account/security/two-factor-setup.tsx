// Turning the second factor on: the password, and for an app the QR code and one code that shows that it works.

import { Form } from "@base-ui/react/form";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { CodeField } from "../../../ui/code-field.tsx";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { ProofForm } from "./proof-form.tsx";
import { QrCode } from "./qr-code.tsx";

export interface TwoFactorStart {
  readonly totpURI: string;
  readonly backupCodes: readonly string[];
}

interface StartTwoFactorProps {
  readonly asksPassword: boolean;
  onStarted(start: TwoFactorStart): void;
}

export function StartTwoFactor({ asksPassword, onStarted }: StartTwoFactorProps) {
  return (
    <ProofForm
      label="Turn on the second factor"
      action="Go on"
      asksPassword={asksPassword}
      request={(proof) => authClient.twoFactor.enable({ ...proof, method: "totp" })}
      onDone={(data) => data.method === "totp" && onStarted(data)}
    />
  );
}

interface StartPasskeyFactorProps {
  readonly asksPassword: boolean;
  onCodes(codes: readonly string[]): void;
}

/** A passkey that is there has shown that it works. */
export function StartPasskeyFactor({ asksPassword, onCodes }: StartPasskeyFactorProps) {
  return (
    <ProofForm
      label="Ask for a passkey after the password"
      action="Ask for it"
      asksPassword={asksPassword}
      request={(body) =>
        authClient.$fetch<{ backupCodes: readonly string[] }>("/two-factor/enable-passkey", {
          method: "POST",
          body,
        })
      }
      onDone={({ backupCodes }) => {
        // The client reads the session again after its own requests only.
        authClient.$store.notify("$sessionSignal");
        onCodes(backupCodes);
      }}
    />
  );
}

interface TryTwoFactorProps {
  readonly start: TwoFactorStart;
  onDone(): void;
}

export function TryTwoFactor({ start, onDone }: TryTwoFactorProps) {
  const submission = useSubmission();
  const secret = new URL(start.totpURI).searchParams.get("secret") ?? "";
  const verify = async ({ code }: { code: string }) => {
    const done = await submission.send<unknown>(() =>
      authClient.twoFactor.verifyTotp({ code: code.replaceAll(/\s/g, "") }),
    );
    if (done) onDone();
  };
  return (
    <Form
      onFormSubmit={verify}
      errors={submission.fieldErrors}
      className="form"
      aria-label="Try the second factor"
    >
      <ol className="steps">
        <li>
          <p>Scan this with your authenticator app.</p>
          <QrCode text={start.totpURI} label="QR code for your authenticator app" />
          <p className="field-hint">
            Or write this key into it: <code className="secret">{secret.match(/.{1,4}/g)?.join(" ")}</code>
          </p>
        </li>
        <li>
          <p>Write the six digits that it shows.</p>
        </li>
      </ol>
      <ProblemSummary submission={submission} />
      <CodeField label="Code" />
      <SubmitButton submission={submission}>Check the code</SubmitButton>
    </Form>
  );
}
