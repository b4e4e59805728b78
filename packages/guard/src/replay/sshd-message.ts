// What a message of OpenSSH's server says about a sign-in, whichever version wrote it.

/**
 * Which series of messages a failure was reported in. One failed sign-in is reported in several at once: `password` has a
 * line for each wrong password, `pam` (a PAM module) and `pam-error` (sshd about PAM) may have one too, `name` one for each
 * unknown user, and of `connection` one is all that a connection has to say.
 */
export type FailureSeries = "password" | "pam" | "pam-error" | "name" | "connection";

export type SshdMessage =
  | {
      readonly kind: "failure";
      readonly series: FailureSeries;
      readonly address: string;
      readonly user?: string | undefined;
      readonly count: number;
    }
  | { readonly kind: "success"; readonly address: string; readonly user: string };

/** A logger sums up what was repeated; more than this in one line is no sign-in. */
const mostRepeats = 1000;

const repeated = /^message repeated (\d{1,9}) times?: \[ ?/;
const pamMore = /^PAM (\d{1,6}) more authentication failures?; /;
/** Methods at which nothing was guessed: `none` is asked to learn the others, and a client offers each key that it has. */
const failedMethod = /^Failed ([a-z-]{1,40}(?:\/[a-z-]{1,40})?) for /;
const notAGuess = new Set(["none", "publickey", "hostbased"]);
const accepted = /^Accepted [a-z-]{1,40}(?:\/[a-z-]{1,40})? for /;
/** `Connection closed by`, `Connection reset by`, `Disconnected from`, `Disconnecting`, then who that was before he was let in. */
const leftUnauthenticated =
  /^(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) (?:authenticating|invalid) user /;
const tooMany = /^(?:error: )?maximum authentication attempts exceeded for /;
const pamError =
  /^(?:error: )?PAM: (?:[Aa]uthentication (?:failure|error)|User not known to the underlying authentication module) for /;
const userKind = /^(?:invalid|illegal) user /;

/** Undefined when the message reports no sign-in. */
export function readSshdMessage(text: string): SshdMessage | undefined {
  const again = repeated.exec(text);
  if (again) {
    const inner = readSshdMessage(text.slice(again[0].length, text.lastIndexOf("]")).trim());
    if (inner?.kind !== "failure") return inner;
    return { ...inner, count: Math.min(inner.count * Number(again[1]), mostRepeats) };
  }
  switch (text[0]) {
    case "F": {
      const method = failedMethod.exec(text);
      if (!method || notAGuess.has(method[1] as string)) return undefined;
      return failure("password", text.slice(method[0].length));
    }
    case "A": {
      const head = accepted.exec(text);
      const found = head && userFrom(text.slice(head[0].length));
      return found?.user === undefined
        ? undefined
        : { kind: "success", address: found.address, user: found.user };
    }
    case "I":
      return /^I(?:nvalid|llegal) user /.test(text) ? failure("name", text.slice(13)) : undefined;
    case "C":
    case "D": {
      const head = leftUnauthenticated.exec(text);
      return head ? failureBeforePort(text.slice(head[0].length)) : undefined;
    }
    case "U": {
      const end = text.startsWith("User ") ? text.lastIndexOf(" not allowed because ") : -1;
      return end < 0 ? undefined : failure("connection", text.slice(5, end));
    }
    default:
      return readPam(text) ?? readLong(text);
  }
}

function readLong(text: string): SshdMessage | undefined {
  const head = tooMany.exec(text);
  return head ? failure("connection", text.slice(head[0].length)) : undefined;
}

function readPam(text: string): SshdMessage | undefined {
  const error = pamError.exec(text);
  if (error) return failure("pam-error", text.slice(error[0].length));
  const more = pamMore.exec(text);
  const isPam = more !== null || /^pam_[a-z0-9_]{1,32}\(sshd:auth\): authentication failure; /.test(text);
  if (!isPam) return undefined;
  // The first one: what follows it can be a name.
  const host = / rhost=(\S{1,255})/.exec(text);
  if (!host) return undefined;
  const user = / {1,2}user=(\S{1,255})$/.exec(text.slice(host.index + host[0].length));
  const count = more ? Math.min(Number(more[1]), mostRepeats) : 1;
  return { kind: "failure", series: "pam", address: host[1] as string, user: user?.[1], count };
}

function failure(series: FailureSeries, text: string): SshdMessage | undefined {
  const found = userFrom(text);
  return found && { kind: "failure", series, ...found, count: 1 };
}

/**
 * `[invalid user ]NAME from ADDRESS[ port N[ ssh2]]`. A name is chosen by the client and may contain ` from 203.0.113.7 port 22`,
 * so the last ` from ` counts.
 */
function userFrom(text: string): { address: string; user: string | undefined } | undefined {
  const from = text.lastIndexOf(" from ");
  if (from < 0) return undefined;
  const tail = text.slice(from + 6);
  const end = tail.indexOf(" ");
  const address = end < 0 ? tail : tail.slice(0, end);
  return { address, user: nameIn(text.slice(0, from)) };
}

/** `NAME ADDRESS port N[: reason][ [preauth]]`; the last ` port ` counts, for the same reason. */
function failureBeforePort(text: string): SshdMessage | undefined {
  const port = text.lastIndexOf(" port ");
  const before = text.lastIndexOf(" ", port - 1);
  if (port < 0 || before < 0) return undefined;
  const user = nameIn(text.slice(0, before));
  return { kind: "failure", series: "connection", address: text.slice(before + 1, port), user, count: 1 };
}

function nameIn(text: string): string | undefined {
  const name = text.replace(userKind, "").trim();
  return name === "" ? undefined : name;
}
