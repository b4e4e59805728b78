// A step of the build: writes the brotli and gzip form of each file beside it, so that the server compresses nothing.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const compressible = /\.(?:js|css|html|svg|json)$/;

export function precompress(): Plugin {
  return {
    name: "flux-precompress",
    apply: "build",
    writeBundle: {
      order: "post",
      handler({ dir }, bundle) {
        if (dir === undefined) return;
        for (const file of Object.keys(bundle).filter((name) => compressible.test(name))) {
          const path = join(dir, file);
          const content = readFileSync(path);
          writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
          writeFileSync(`${path}.br`, toBrotli(content));
        }
      },
    },
  };
}

function toBrotli(content: Buffer): Buffer {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}
