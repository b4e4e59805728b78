// Tells what somebody has drawn at random from what somebody has named: by digits, and where there are none by which letters meet.
//
// Every secret of ours is drawn from letters and digits, or from base64url, and one in seventy of those that reset a password
// has no digit. Names of ours, of Node and of libraries are words, put together by case, `-` or `_`.

/** `security_event_day_2026_11`: a table of ours. */
const ownName = /^[a-z]+(?:_(?:[a-z]+|\d{1,4}))+$/;
/**
 * Version 7, which events, decisions and incidents have: they are wanted, and begin with a time. No secret of ours is a UUID, but
 * what some mail services hand out as a password is one, at random (version 4).
 */
const timedId = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/i;

/** @param run of letters, digits, `-` and `_`, at least some twenty of them */
export function looksRandom(run: string): boolean {
  if (!/[a-z]/i.test(run) || ownName.test(run)) return false;
  return /\d/.test(run) ? !timedId.test(run) : !readsAsWords(run);
}

/** `Ab3dE-fG7hi`, which signs in without a second factor: in one half letters and digits, or small and large ones, are mixed. */
export function looksLikeBackupCode(code: string): boolean {
  return code.split("-").some((half) => !/^(?:\d+|[A-Z]+|[A-Z]?[a-z]+)$/.test(half));
}

const wordEnd = /[-_]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;
/** Of names, a few short words; of what is random, a change of case with every other letter. */
const shortestWords = 3.5;
/** Of names nearly none, of what is random about half. */
const mostOddPairs = 0.15;

function readsAsWords(run: string): boolean {
  const words = run.split(wordEnd).filter((word) => word !== "");
  let letters = 0;
  let pairs = 0;
  let odd = 0;
  for (const word of words) {
    const lower = word.toLowerCase();
    letters += lower.length;
    for (let i = 1; i < lower.length; i++) {
      pairs++;
      if (oddBehind[lower[i - 1] as string]?.includes(lower[i] as string)) odd++;
    }
  }
  return letters >= shortestWords * words.length && odd <= mostOddPairs * pairs;
}

/** Letters that hardly ever stand behind this one: less than 4 in 10,000 pairs, in the words of programs and their manuals, and not in `sqlite`. */
const oddBehind: Readonly<Record<string, string>> = {
  ...{
    a: "ehjqz",
    b: "bcdfghkmnpqtvwxz",
    c: "bdfgjmnpqvwxyz",
    d: "ghjkqvwxz",
    e: "jkz",
    f: "bcdghjkmnpqsvwxz",
  },
  ...{ g: "bcdfjkmpqvwxyz", h: "bcdfghjklmnpqvwxyz", i: "hjkuwy", j: "abcdfghijklmnpqrtuvxyz" },
  ...{ k: "bcdfghjlmnopqrtuvwxyz", l: "fghjkmnqrwxz", m: "cdfghjklnqrtvwxyz", n: "bhjqwxz", o: "ehjqyz" },
  ...{ p: "bcfgjkmnqvwxyz", q: "abcdefghijkmnopqrstvwxyz", r: "hjqwxz", s: "bgjvxz", t: "gjkqvxz" },
  ...{ u: "fhjkoquvwxyz", v: "bcdfghjklmnpqrstuvwxyz", w: "bcdfgjklmpqtuvwxyz", x: "abcdfghjklmnoqrsuvwxyz" },
  ...{ y: "bdfghjkqruvwxyz", z: "abcdfghijklmnpqrstuvwxyz" },
};
