// How the pages are built: hashed files under /assets, each beside its compressed forms.

import { defineConfig } from "vite";
import { precompress } from "./build/precompress.ts";

export default defineConfig({
  plugins: [precompress()],
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
