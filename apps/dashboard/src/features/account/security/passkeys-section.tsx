// The passkeys of an account: which there are, one more, one less.

import { Form } from "@base-ui/react/form";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { authClient } from "../../../auth-client.ts";
import { ProblemSummary } from "../../../problems/problem-summary.tsx";
import { useSubmission } from "../../../problems/use-submission.ts";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { Notice } from "../../../ui/notice.tsx";
import { Reveal } from "../../../ui/reveal.tsx";
import { SubmitButton } from "../../../ui/submit-button.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { DateText } from "../date-text.tsx";
import { load } from "../load.ts";
import { Loaded } from "../loaded.tsx";
import { Section } from "../section.tsx";

export function PasskeysSection() {
  const passkeys = useQuery({
    queryKey: ["passkeys"],
    queryFn: () => load(authClient.passkey.listUserPasskeys()),
  });
  const [added, setAdded] = useState(0);
  const reload = () => void passkeys.refetch();
  return (
    <Section
      title="Passkeys"
      intro="Sign in with your finger, your face or a security key: nothing to remember, and nothing that a false page can steal."
    >
      <Loaded query={passkeys}>
        {(list) =>
          list.length > 0 && (
            <ul className="items" aria-label="Passkeys">
              {list.map(({ id, name, createdAt }) => (
                <li key={id}>
                  <div>
                    <p className="item-name">{name || "Passkey"}</p>
                    <p className="field-hint">
                      Added <DateText time={createdAt} />
                    </p>
                  </div>
                  <ConfirmDialog
                    trigger="Remove"
                    triggerLabel={`Remove the passkey ${name ?? ""}`}
                    title="Remove this passkey?"
                    description="It will not open your account any more. Delete it on your device, too."
                    action="Remove"
                    request={() => authClient.passkey.deletePasskey({ id })}
                    onDone={reload}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {added > 0 && <Notice kind="good">The passkey is added. You can sign in with it from now on.</Notice>}
      {"PublicKeyCredential" in window ? (
        <Reveal key={added} label="Add a passkey">
          <AddPasskey
            onAdded={() => {
              setAdded(added + 1);
              reload();
            }}
          />
        </Reveal>
      ) : (
        <Notice kind="plain">This browser knows no passkeys.</Notice>
      )}
    </Section>
  );
}

function AddPasskey({ onAdded }: { onAdded(): void }) {
  const submission = useSubmission();
  const add = async ({ name }: { name: string }) => {
    const done = await submission.send<unknown>(async () =>
      authClient.passkey.addPasskey({ name: name.trim() }),
    );
    if (done) onAdded();
  };
  return (
    <Form onFormSubmit={add} className="form" aria-label="Add a passkey">
      <ProblemSummary submission={submission} />
      <TextField
        name="name"
        label="Name for a new passkey"
        hint="So that you know it again, such as “my phone”."
        autoComplete="off"
        maxLength={60}
        required
      />
      <SubmitButton submission={submission}>Add a passkey</SubmitButton>
    </Form>
  );
}
