// The passwords that everybody tries first: a list that comes along, loaded when it is first needed.

let list: Promise<ReadonlySet<string>> | undefined;

/** Whether the password is on the list, in whatever case. The list stays in memory, some 4 MB. */
export async function isCommonPassword(password: string): Promise<boolean> {
  list ??= load();
  return (await list).has(password.toLowerCase());
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"]);
}
