// A step of the build: puts the styles of the first page into index.html, so that it can be painted without a second request.

import type { Plugin } from "vite";

const stylesheet = /<link rel="stylesheet"[^>]* href="\/([^"]+\.css)">/;

/** The server names the hash of what is put in here in its Content-Security-Policy, which allows no other style in a page. */
export function inlineStyles(): Plugin {
  return {
    name: "flux-inline-styles",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const name = stylesheet.exec(html)?.[1] ?? "";
        const file = bundle?.[name];
        if (file?.type !== "asset") throw new Error("index.html has no stylesheet that was built.");
        return html.replace(stylesheet, () => `<style>${file.source.toString().trim()}</style>`);
      },
    },
  };
}
