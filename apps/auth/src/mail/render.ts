// Renders a message: HTML, and the same in plain text, with everything in it cleaned first.

import { layout } from "./layout.ts";
import type { Message, MessageAction, Site } from "./message.ts";
import { plain } from "./plain.ts";

export interface RenderedMessage {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** @throws TypeError when the button leads to another site: whoever gets a link of ours changed would be sent its token */
export async function render(message: Message, site: Site): Promise<RenderedMessage> {
  const clean = cleaned(message, site);
  return { subject: clean.title, html: String(await layout(clean, site)), text: toText(clean, site) };
}

function cleaned(message: Message, site: Site): Message {
  const { title, greeting, paragraphs, facts, action, afterwards } = message;
  return {
    ...message,
    title: plain(title, 150),
    paragraphs: paragraphs.map((text) => plain(text)),
    afterwards: afterwards.map((text) => plain(text)),
    ...(greeting === undefined ? {} : { greeting: plain(greeting) }),
    ...(facts && { facts: facts.map(({ label, value }) => ({ label: plain(label), value: plain(value) })) }),
    ...(action && { action: { label: plain(action.label), url: ownUrl(action, site) } }),
  };
}

function ownUrl({ url }: MessageAction, site: Site): string {
  const { origin, href } = new URL(url);
  if (origin === new URL(site.url).origin) return href;
  throw new TypeError(`A mail may link to ${site.url} only, not to ${origin}.`);
}

function toText({ greeting, paragraphs, facts, action, afterwards }: Message, site: Site): string {
  const parts = [
    greeting,
    ...paragraphs,
    facts?.map(({ label, value }) => `${label}: ${value}`).join("\n"),
    action && `${action.label}:\n${action.url}`,
    ...afterwards,
    // The separator of signatures ends in a space (RFC 3676, 4.3).
    `-- \n${site.name}, ${site.url}`,
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
