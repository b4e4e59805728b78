// `flux classify`: user agents in, what kind of program each claims to be out.

import { classifyUserAgent } from "@fluxstudio/guard";
import { createLineSplitter, utf8 } from "@fluxstudio/guard/replay";
import { defineCommand } from "citty";
import { openInput } from "../input.ts";
import { createOutput } from "../output.ts";

export const classify = defineCommand({
  meta: {
    name: "classify",
    description:
      "Says of user agents on standard input, one a line, whether each is client, bot, tool, scanner or empty. Example: cut -d '\"' -f 6 access.log | flux classify",
  },
  args: {
    json: {
      type: "boolean",
      description: 'The output is {"ua","class"}, one a line, with this option and without it',
    },
  },
  async run() {
    const output = createOutput();
    const input = openInput("-");
    const lines = createLineSplitter((line) => {
      const ua = utf8(line);
      output.write(`${JSON.stringify({ ua, class: classifyUserAgent(ua) })}\n`);
    });
    for await (const piece of input.bytes) {
      await lines.write(piece);
      await output.ready();
      if (output.closed) return input.stop();
    }
    await lines.end();
  },
});
