// How the pages are built: the styles of the first page in it, all else in hashed files, each beside its compressed forms.

import { defineConfig } from "vite";
import { inlineStyles } from "./build/inline-styles.ts";
import { precompress } from "./build/precompress.ts";

export default defineConfig({
  plugins: [inlineStyles(), precompress()],
  build: {
    target: "es2023",
    // Small files would otherwise become data: addresses, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    // Its script would be a request for files that every browser we support fetches by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Component libraries mark their files for React's server components, of which there are none here;
      // and compressing takes its time on purpose.
      checks: { moduleLevelDirective: false, bundlerTimings: false },
    },
  },
});
