// How long a password would hold against somebody who guesses offline, on the scale of zxcvbn.

import { Meter } from "@base-ui/react/meter";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { translations } from "@zxcvbn-ts/language-en";

const zxcvbn = new ZxcvbnFactory({
  // The passwords that people choose most, the world over. A language's own words would be another half megabyte.
  dictionary,
  graphs: adjacencyGraphs,
  translations,
  // The time that it takes grows with the square of the length.
  maxLength: 100,
});

const verdicts = ["Very weak", "Weak", "Could be stronger", "Strong", "Very strong"];

export function StrengthMeter({ password }: { readonly password: string }) {
  const { score, feedback } = zxcvbn.check(password);
  const verdict = verdicts[score] ?? "";
  const advice = feedback.warning ?? feedback.suggestions[0] ?? "";
  return (
    <div className="strength" data-score={score}>
      <Meter.Root value={score} max={4} aria-label="Strength of the password" aria-valuetext={verdict}>
        <Meter.Track className="strength-track">
          <Meter.Indicator className="strength-bar" />
        </Meter.Track>
      </Meter.Root>
      <p className="field-hint" aria-live="polite">
        {verdict}
        {score < 3 && advice !== "" && `: ${advice}`}
      </p>
    </div>
  );
}
