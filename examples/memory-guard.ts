// The guard without any framework: five wrong passwords, and the sixth is refused before its password is looked at.
//
// npm run example -- memory-guard

import {
  builtInRules,
  createGuard,
  createMemoryDecisionStore,
  createMemoryWindowStore,
} from "@fluxstudio/guard";

const guard = createGuard({
  rules: builtInRules,
  windows: createMemoryWindowStore(),
  decisions: createMemoryDecisionStore(),
  onError: (error) => console.error(error),
});

for (let i = 1; i <= 6; i++) {
  const signal = { ip: "203.0.113.7", id: `try-${i}`, at: Date.now() };
  const gate = await guard.check({ ...signal, type: "sign-in-attempt" });
  if (gate.action === "allow") await guard.record({ ...signal, type: "sign-in-failure" });
  console.log(`attempt ${i}: ${gate.action}`);
}
