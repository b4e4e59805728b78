// The commands of `flux`. Each is loaded only when it is called or listed, so that none slows down another.

import type { CommandDef, SubCommandsDef } from "citty";

export const commands: SubCommandsDef = {
  replay: () => import("./commands/replay.ts").then((file) => file.replay as CommandDef),
  classify: () => import("./commands/classify.ts").then((file) => file.classify as CommandDef),
  decisions: () => import("./commands/decisions.ts").then((file) => file.decisions as CommandDef),
  events: () => import("./commands/events.ts").then((file) => file.events as CommandDef),
  rules: () => import("./commands/rules.ts").then((file) => file.rules as CommandDef),
  explain: () => import("./commands/explain.ts").then((file) => file.explain as CommandDef),
  mail: () => import("./commands/mail.ts").then((file) => file.mail as CommandDef),
  jobs: () => import("./commands/jobs.ts").then((file) => file.jobs as CommandDef),
  alerts: () => import("./commands/alerts.ts").then((file) => file.alerts as CommandDef),
  sentry: () => import("./commands/sentry.ts").then((file) => file.sentry as CommandDef),
  token: () => import("./commands/operators.ts").then((file) => file.token as CommandDef),
  admin: () => import("./commands/operators.ts").then((file) => file.admin as CommandDef),
  users: () => import("./commands/operators.ts").then((file) => file.users as CommandDef),
  doctor: () => import("./commands/doctor.ts").then((file) => file.doctor as CommandDef),
};
