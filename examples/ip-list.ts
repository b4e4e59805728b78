// A guard with a blocklist from files and URLs: what it does with each address, and why.
//
// npm run example -- ip-list FILE-OR-URL[,FILE-OR-URL…] ADDRESS…

import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
  normaliseIp,
} from "@fluxstudio/guard";
import { createIpList } from "@fluxstudio/guard/ip-list";

const [sources = "", ...addresses] = process.argv.slice(2);
if (sources === "") {
  console.error("usage: npm run example -- ip-list FILE-OR-URL[,FILE-OR-URL…] ADDRESS…");
  process.exit(1);
}

const block = await createIpList({
  purpose: "blocklist",
  sources: sources.split(",").filter((source) => source !== ""),
  onRefresh({ size, sources }) {
    console.log(`${size} networks are listed`);
    if (sources.every(({ failure }) => failure)) process.exitCode = 1;
    for (const { source, failure, counts } of sources) {
      if (failure) console.log(`${source} was not taken: ${failure.code}, ${failure.detail}`);
      for (const { line, code, text } of counts?.problems ?? []) {
        console.log(`${source}, line ${line} was left out: ${code} ${text}`);
      }
    }
  },
});
const guard = createGuard({
  rules: builtInRules,
  windows: createMemoryWindowStore(),
  decisions: createMemoryDecisionStore(),
  lists: { block },
  onError: (error, where) => console.error(where, error),
});

for (const ip of addresses) {
  if (normaliseIp(ip) === undefined) {
    console.log(`${ip}: is no address`);
    continue;
  }
  const { action, decision } = await guard.check({ type: "request", ip, at: Date.now() });
  console.log(`${ip}: ${action}${decision ? `, ${decision.value} of ${decision.reason}` : ""}`);
}
await block.close();
