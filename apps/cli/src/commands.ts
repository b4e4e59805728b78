// The commands of `flux`. Each is loaded only when it is called or listed, so that none slows down another.

import type { CommandDef, SubCommandsDef } from "citty";

export const commands: SubCommandsDef = {
  replay: () => import("./commands/replay.ts").then((file) => file.replay as CommandDef),
  classify: () => import("./commands/classify.ts").then((file) => file.classify as CommandDef),
};
