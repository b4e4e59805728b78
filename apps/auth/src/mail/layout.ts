// The one page that every mail is: styles inline, light and dark, a button and its link; nothing is fetched from anywhere.

import { html } from "hono/html";
import type { Message, Site } from "./message.ts";

type Html = ReturnType<typeof html>;

/** Mail programs that know no style sheet show the inline colours, which are the light ones. */
const darkStyles = html`
      :root { color-scheme: light dark; supported-color-schemes: light dark; }
      @media (prefers-color-scheme: dark) {
        .page { background: #16181d !important; }
        .card { background: #22252c !important; border-color: #3a3f4a !important; }
        .ink, .ink th, .ink td { color: #e8eaee !important; }
        .faint, .faint a, .ink th.faint { color: #a6adb8 !important; }
        .link { color: #8fb6ff !important; }
        .button { background: #8fb6ff !important; color: #0b1220 !important; }
      }`;

const font = "font-family: system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif;";
const body = `${font} font-size: 16px; line-height: 1.5; color: #1f2328;`;
const faint = `${font} font-size: 14px; line-height: 1.5; color: #59636e;`;
/** A link has no spaces to break at, and would push the page wider than a phone. */
const breakable = "overflow-wrap: anywhere; word-break: break-word;";

export function layout(message: Message, site: Site): Html {
  const { title, greeting, paragraphs, facts, action, afterwards } = message;
  return html`<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <style>${darkStyles}
    </style>
  </head>
  <body class="page" style="margin: 0; padding: 0; background: #f4f5f7;">
    <table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background: #f4f5f7;">
      <tr>
        <td align="center" style="padding: 24px 12px;">
          <table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width: 560px; background: #ffffff; border: 1px solid #d8dce2; border-radius: 8px;">
            <tr>
              <td class="ink" align="left" style="${body} ${breakable} padding: 28px 24px;">
                <h1 style="${font} font-size: 22px; line-height: 1.3; margin: 0 0 16px;">${title}</h1>
                ${[greeting ?? [], paragraphs].flat().map(paragraph)}
                ${facts && factTable(facts)}
                ${action && button(action)}
                ${afterwards.map(paragraph)}
              </td>
            </tr>
          </table>
          <p class="faint" style="${faint} margin: 16px 0 0;">${site.name}, <a class="faint" href="${site.url}" style="color: #59636e;">${site.url}</a></p>
        </td>
      </tr>
    </table>
  </body>
</html>
`;
}

const paragraph = (text: string): Html => html`<p style="margin: 0 0 16px;">${text}</p>`;

function factTable(facts: NonNullable<Message["facts"]>): Html {
  return html`<table style="${body} margin: 0 0 16px; border-collapse: collapse;">${facts.map(
    ({ label, value }) => html`
                  <tr>
                    <th scope="row" align="left" valign="top" class="faint" style="color: #59636e; font-weight: normal; padding: 2px 16px 2px 0;">${label}</th>
                    <td align="left" style="${breakable} padding: 2px 0;">${value}</td>
                  </tr>`,
  )}
                </table>`;
}

/** The bare link stands below, for programs that show no buttons and for people who want to see where it leads. */
function button({ label, url }: NonNullable<Message["action"]>): Html {
  return html`<p style="margin: 24px 0 12px;"><a class="button" href="${url}" style="display: inline-block; padding: 12px 24px; border-radius: 6px; background: #1f5fd0; color: #ffffff; font-weight: 600; text-decoration: none;">${label}</a></p>
                <p class="faint" style="${faint} margin: 0 0 24px;">Or open this address:<br><a class="link" href="${url}" style="color: #1f5fd0; ${breakable}">${url}</a></p>`;
}
