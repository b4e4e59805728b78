// A message: what a mail says, before it is HTML and text.

export const mailTemplates = [
  "verify-email",
  "existing-account",
  "reset-password",
  "password-changed",
  "email-change-confirm",
  "email-change-verify",
  "new-device",
  "second-factor-failed",
  "refresh-token-reuse",
  "account-deletion",
  "account-locked",
  "security-alert",
] as const;
export type MailTemplate = (typeof mailTemplates)[number];

/** To the operators, with a cap of their own (`ALERTS_PER_HOUR`): whoever fills the outbox must not silence what tells of it. */
export const isForOperators = (template: MailTemplate): boolean => template === "security-alert";

/** Every text is cleaned and escaped when it is rendered; outside text that may be long is to be shortened before. */
export interface Message {
  readonly template: MailTemplate;
  /** Subject and headline. */
  readonly title: string;
  /** Paragraph before all others: "Hello Ada,". */
  readonly greeting?: string;
  readonly paragraphs: readonly string[];
  readonly facts?: readonly Fact[];
  readonly action?: MessageAction;
  /** Paragraphs after the button. */
  readonly afterwards: readonly string[];
  /** When sending it makes no sense any more, because it is about nothing but its link. Milliseconds since 1970. */
  readonly usefulUntil?: number;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** The one button. */
export interface MessageAction {
  readonly label: string;
  /** On this server: a link to elsewhere is refused. May hold a one-time token. */
  readonly url: string;
}

/** Who a mail comes from, in the words of its reader. */
export interface Site {
  readonly name: string;
  /** The origin under which browsers reach this server. */
  readonly url: string;
}

/** A message and whom it is for. */
export interface Mail {
  readonly to: string;
  readonly message: Message;
}
