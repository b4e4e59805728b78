// Says what kind of program a User-Agent header claims to be: a person's client, a bot, a tool, a scanner, or nothing.
import { createIsbotFromList, list as isbotPatterns } from "isbot";
import { LRUCache } from "lru-cache";
import { PERSONAL_PROGRAMS, UNUSUAL_BROWSERS } from "./user-agent-browsers.ts";
import { CONTACT, hasDeviceSign, withoutBrowserNames, withoutDeviceNames } from "./user-agent-names.ts";
import { ATTACK_PAYLOADS, SCANNER_NAMES } from "./user-agent-scanners.ts";
import { RUNTIMES, TOOL_NAMES, TOOL_NAMES_AT_START } from "./user-agent-tools.ts";

/**
 * - `client`: a browser, phone, television or app with a person in front of it, as far as it says
 * - `bot`: a crawler, preview fetcher, feed reader or monitor; announced, and seldom hostile
 * - `tool`: an HTTP library, command-line client, headless browser, or a bare name that no browser would send
 * - `scanner`: a program whose purpose is to find or use weaknesses, or an attack written into the header itself
 * - `empty`: no header, or nothing visible in it
 */
export type UserAgentClass = "client" | "bot" | "tool" | "scanner" | "empty";

/**
 * What comes after is not looked at, so that a long one costs no more. The longest of 65,000 agents of people had 422
 * characters: one that fills this is no client, whatever it begins with, so nothing is gained by hiding behind padding. A
 * signal keeps as many (`maxFieldLength`), so a rule sees it too.
 */
const MAX_LENGTH = 512;

/** At worst about 3 MB: each key is shorter than `MAX_LENGTH` characters. */
const CACHE_SIZE = 4096;

const cache = new LRUCache<string, UserAgentClass>({ max: CACHE_SIZE });

/**
 * Classifies the value of a User-Agent header. The header is chosen by the client, so `client` proves nothing;
 * the other classes are worth having because most attackers do not bother to change it.
 *
 * Costs a cache lookup for an agent seen lately; for a new one some 15 microseconds of CPU time, and at most about 0.2
 * milliseconds when it is made up to be slow. Only the first ones of a process take milliseconds, while the expressions compile.
 */
export function classifyUserAgent(userAgent: string | undefined): UserAgentClass {
  if (!userAgent) return "empty";
  if (userAgent.length >= MAX_LENGTH) {
    const padded = classify(normalise(userAgent));
    return padded === "client" ? "tool" : padded;
  }
  const seen = cache.get(userAgent);
  if (seen !== undefined) return seen;
  const result = classify(normalise(userAgent));
  // Strings cut out of a larger one (a log line, a chunk of a file) keep all of it alive: cache a copy instead.
  cache.set(Buffer.from(userAgent).toString(), result);
  return result;
}

function classify(text: string): UserAgentClass {
  if (text === "" || text === "-") return "empty";
  if (ATTACK_PAYLOADS.some((payload) => payload.test(text))) return "scanner";

  const device = hasDeviceSign(text);
  const claims = withoutDeviceNames(text, device);
  if (SCANNER_FIRST.test(text) || SCANNER.test(claims)) return "scanner";
  if (SAYS_BOT.test(claims)) return "bot";
  if (TOOL_FIRST.test(text) || TOOL.test(claims) || JOINED.test(claims)) return "tool";
  if (UNUSUAL_BROWSER.test(claims) && (!CONTACT.test(claims) || PERSONAL.test(claims))) return "client";
  if (isNamedBot(withoutBrowserNames(claims)) || MORE_BOTS.test(claims)) return "bot";
  if (device || NAMED_BROWSER.test(claims)) return "client";
  if (ONLY_COMPATIBLE.test(claims)) return "bot";
  return hasBareShape(claims) ? "tool" : "client";
}

function normalise(userAgent: string): string {
  // Everything invisible is a space: logs and hand-made requests contain control characters.
  return (
    userAgent
      .slice(0, MAX_LENGTH)
      .replace(/[^!-~\u00a1-\uffff]+/g, " ")
      .trim()
      .toLowerCase()
      // Gateways and careless programs wrote the name of the header into its value.
      .replace(/^user-agent: ?/, "")
  );
}

/** `bot` at the end of a word; CUBOT is a maker of phones. */
const SAYS_BOT = /(?<!\bcu)bots?(?![a-z])|crawl|spider|\bseo(?!ul)/;

/** Somebody looks, listens or reads his mail. */
const NAMED_BROWSER = /(?:browser|player|radio)(?![a-z])|mail(?:app|client|bird)?[ /]v?\d/;

/** `Mozilla/5.0 (compatible; Name/1.0)` and no engine: only Internet Explorer and Konqueror ever said `compatible`. */
const ONLY_COMPATIBLE =
  /^mozilla\/\d\.\d+ ?\(compatible[;,] ?(?!ms|konqueror|.*(?:gecko|khtml|presto|opera|windows|cellphone|risc os))[a-z]/;

/** Another agent was put in front of a browser's, as anonymising proxies do. */
const JOINED = /^[^(]*, ?mozilla\//;

const SCANNER = wholeWords(SCANNER_NAMES);

/** What names itself first is that, whatever device it says it runs on: no maker chose that word. */
const SCANNER_FIRST = new RegExp(`^(?:${alternatives(SCANNER_NAMES)})(?![a-z])`);

/** The same of libraries and commands. */
const TOOL_FIRST = new RegExp(`^(?:${alternatives(TOOL_NAMES)})/v?\\d`);

const TOOL = new RegExp(
  `${wholeWords(TOOL_NAMES).source}|^(?:${alternatives(TOOL_NAMES_AT_START)})(?:$|[/;,]|[ -]v?\\d)|(?<![a-z]|[a-z] (?=go))(?:${alternatives(RUNTIMES)})[/ ]v?\\d`,
);

const FOR_PEOPLE = [...UNUSUAL_BROWSERS, ...PERSONAL_PROGRAMS];

/** Found at the start, after `compatible;`, or with a version; or a common browser's name and version alone. */
const UNUSUAL_BROWSER = new RegExp(
  `mosaic(?![a-z])|^(?:firefox|netscape|safari)[ /][\\d.]+$|(?:^|compatible; ?)(?:${alternatives(FOR_PEOPLE)})(?![a-z])|(?<![a-z])(?:${alternatives(FOR_PEOPLE)})(?:/| \\(?\\d)`,
);

/** One that a person runs, at the start: an address behind it is that of its home page. */
const PERSONAL = new RegExp(`^(?:${alternatives(PERSONAL_PROGRAMS)})/`);

/** What programs that fetch pages for others call themselves, and isbot does not know. */
const MORE_BOTS =
  /like gecko; compatible;|monitoring\b|thumbnail|screenshot|screen ?capture|web ?shot|harvest|suck(?:er)?(?![a-z])|fetcher|uptime|indexer|link ?chec?k|sitemap/;

/**
 * isbot mixes names of bots with shapes of agents that no browser has. They are told apart by asking each pattern
 * about an agent with a made-up name, because on old phones and small browsers the shapes are wrong.
 */
const NOBODY = [
  ...[
    "qqqq/1.0",
    "qqqq/1.2.3",
    "qqqq",
    "qqqq wwww 1.0",
    "q".repeat(60),
    "1 qqqq",
    "qqqq/1x",
    "qqqq/1.0 (qqqq)",
  ],
  ...[
    "qqqq/1.0; wwww",
    "qqqq.wwww",
    "qqqq/1 (qqqq; wwww;",
    "(qqqq)",
    "mozilla/5.0 qqqq",
    "mozilla/5.0 (compatible; qqqq/1.0)",
  ],
];
const isShape = (pattern: string) => NOBODY.some((agent) => new RegExp(pattern, "i").test(agent));
const hasBareShape = createIsbotFromList(isbotPatterns.filter(isShape));
const isNamedBot = createIsbotFromList(isbotPatterns.filter((pattern) => !isShape(pattern)));

function wholeWords(names: readonly string[]): RegExp {
  return new RegExp(`(?<![a-z0-9])(?:${alternatives(names)})(?![a-z])`);
}

function alternatives(names: readonly string[]): string {
  return names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
}
