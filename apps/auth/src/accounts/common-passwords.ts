// The passwords that everybody tries first: a list that comes along, loaded when it is first needed.

import { onceLoaded } from "../once-loaded.ts";

const list = onceLoaded(async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"]);
});

/** Whether the password is on the list, in whatever case. The list stays in memory, some 4 MB. */
export async function isCommonPassword(password: string): Promise<boolean> {
  return (await list()).has(password.toLowerCase());
}
