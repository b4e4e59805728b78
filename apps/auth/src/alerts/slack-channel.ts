// Alerts to a Slack-compatible webhook: one text, in which nothing from outside is a link, a mention or a format.

import type { AlertBody } from "./alert-body.ts";
import type { AlertSettings } from "./alert-settings.ts";
import type { AlertChannel, ChannelMessage } from "./channel.ts";
import { httpPost } from "./http-post.ts";

export function createSlackChannel({ url, severity }: NonNullable<AlertSettings["slack"]>): AlertChannel {
  function send({ id, body: content, at }: ChannelMessage, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify({ text: slackText(content) });
    return httpPost({ url, headers: { "idempotency-key": id }, body, signal, at });
  }
  return { name: "slack", description: new URL(url).host, severity, send, test: send };
}

/** A message of Slack has 4,000 characters at most before it is cut. */
const longestText = 3_500;

/** https://docs.slack.dev/messaging/formatting-message-text */
export function slackText({ data }: AlertBody): string {
  const { title, happened, changed, done, facts, next } = data;
  const lines = [
    `*${escaped(title)}*`,
    ...[happened, changed, done].flatMap((words) => (words === undefined ? [] : escaped(words))),
    ...facts.map(({ label, value }) => `${escaped(label)}: ${code(value)}`),
    ...next.map(({ what, command }) => `${escaped(what)}: ${code(command)}`),
  ];
  const text = lines.join("\n");
  if (text.length <= longestText) return text;
  // Whole lines, so that no escape and no code is cut in two.
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > longestText) break;
    kept.push(line);
  }
  return [...kept, "…"].join("\n");
}

/** `&`, `<` and `>` are all that Slack asks for. */
const asEntities = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** In code nothing is a format, a link or a mention. A backtick would end it. */
const code = (text: string): string => `\`${asEntities(text).replaceAll("`", "'")}\``;

/**
 * Marks of formats become signs that look alike, and so does `@`, which Mattermost and others make a mention of without any
 * brackets.
 */
const escaped = (text: string): string =>
  asEntities(text).replace(/[*_~`@]/g, (mark) => lookalikes[mark] ?? " ");

const lookalikes: Readonly<Record<string, string>> = { "*": "∗", _: "＿", "~": "∼", "`": "'", "@": "＠" };
