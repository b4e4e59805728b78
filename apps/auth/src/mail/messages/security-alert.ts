// What an operator hears when something is wrong.

import type { Fact, Message } from "../message.ts";

export interface SecurityAlert {
  readonly title: string;
  readonly happened: string;
  readonly changed?: string | undefined;
  readonly done?: string | undefined;
  readonly facts: readonly Fact[];
  /** Commands that an operator types. */
  readonly next: readonly { readonly what: string; readonly command: string }[];
}

/** It has no button: whoever can change a mail on its way must not lead an operator anywhere. */
export function securityAlert({ title, happened, changed, done, facts, next }: SecurityAlert): Message {
  return {
    template: "security-alert",
    title,
    paragraphs: [happened, changed, done].filter((text) => text !== undefined),
    facts,
    afterwards: next.map(({ what, command }) => `${what}: ${command}`),
  };
}
