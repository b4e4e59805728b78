// Takes out of a User-Agent the names that makers of devices, browsers and apps chose, so that the program's own words are left.
import { DEVICE_SIGNS, HANDSET_MAKERS, SINGULAR_MAKERS } from "./user-agent-browsers.ts";

/** An address to complain to: seldom in a browser's agent, nearly always in a crawler's. */
export const CONTACT = /https?:\/|@/;

/** `LG-G1500 AU/4.2`; and, when it is the whole agent, a maker and a name: `SHARP-TQ-GX`. */
const HANDSET = new RegExp(
  `^(?:${HANDSET_MAKERS.join("|")})(?:[ _-]?[a-z]{0,5}[-_]?\\d|[-_ /.](?:[a-z]+[-_ ]){0,2}[a-z]*\\d|[-_][a-z][\\w.-]*(?:$|[ /]))`,
);

/** Whose name says enough; also behind what a gateway put in front, and in the comment of an agent that says `Mozilla` first. */
const OF_A_MAKER = new RegExp(
  `^(?:mozilla[/ \\d.]*\\()?(?:${SINGULAR_MAKERS.join("|")})|[ /-](?:${SINGULAR_MAKERS.join("|")})-?[a-z]{2,4}-?[a-z]?\\d{3}`,
);

const DEVICE_SIGN = new RegExp(DEVICE_SIGNS.map((sign) => sign.source).join("|"));

/** True if a handset, a television, a console or an app on one of them wrote the agent. */
export function hasDeviceSign(text: string): boolean {
  return HANDSET.test(text) || OF_A_MAKER.test(text) || DEVICE_SIGN.test(text);
}

/**
 * Leaves what a program says about itself. Where names stand that others chose, a word proves nothing: in the
 * comment about the system (the model of a phone), in what an attribute is set to (`Process/toolsmp`), behind the
 * number of a version (`4.112.Catcher4`), and in what an add-on is called.
 */
export function withoutDeviceNames(text: string, device: boolean): string {
  const plain = text.replace(SYSTEM_COMMENT, systemWithoutNames).replace(ADD_ONS, " ");
  if (!device) return plain;
  const own = plain.replace(ATTRIBUTE, " ").replace(VERSION_TAIL, "").replace(GATEWAY, " ");
  return ANNOUNCED.test(own) ? own : own.replace(APP_WORDS, " ");
}

/** Takes out what browsers are called that were named after what they are for, unless they say where they come from. */
export function withoutBrowserNames(text: string): string {
  const known = BROWSER_NAMES.reduce((rest, name) => rest.replace(name, " "), text);
  const end = known.indexOf(ENGINE) + ENGINE.length;
  const plain = end < ENGINE.length ? known : known.slice(0, end) + known.slice(end).replace(OWN_NAME, " ");
  return LIKE_A_BROWSER.test(plain) && !CONTACT.test(plain) ? plain.replace(PURPOSES, " ") : plain;
}

const LIKE_A_BROWSER = /like gecko|\bgecko\//;
const PURPOSES = /(?<!google ?image)proxy|torrent|download(?:er)?|splash|\bnews|discovery|radar|java/g;

const BROWSER_NAMES: readonly RegExp[] = [
  // a browser that ends with its home page
  /(?<=browser\/[\d.]+) https?:\/\/[^ ]*$/,
  // companies that run a crawler and also make browsers and apps; their crawlers say so in another word
  /sogou/g,
  /\b(?:google|qihoo|yahoo|yandex|baidu|naver)(?:mobile|search|explorer)? ?(?:browser|mse|earth|toolbar|tv|mobile| ?fiber| wireless)[^ ]*/g,
  // what Google's own front end adds to the agent of a person
  /,gzip\(gfe\).*$/,
  // processes of an operating system
  /^com\.(?:apple|google)\.[\w.]+/,
  // browser components and early releases
  /javafx|embedded web browser from: https?:\/\/[\w.]+|technology(?:%20| )preview/g,
  // a fork of Chromium puts its name between Chrome's and Safari's
  /(?<=chrome\/[\d.]+ )[a-z]+\/[\d.]+(?= safari)/,
];

/** Where an engine has said what it is, and the browser's own name follows. */
const ENGINE = "like gecko)";
/** One word ending in browser (isbot knows two of these as bots). */
const OWN_NAME = /\b(?!dm|ibis)[^ ]{0,40}(?: mobile )?browser\b/g;

/** `Mozilla/5.0 (…`: up to the end of the comment, which may hold one level of brackets of its own. */
const SYSTEM_COMMENT = /\([^()]*(?:\([^()]*\)[^()]*)*(?:\)|$)/;

/**
 * The comment of a phone lists what its maker chose, so of that only a product with a version (`Storebot/1.0`) or
 * something that explains itself counts. On a desktop the names of programs stand there too, and ordinary words prove nothing.
 */
function systemWithoutNames(comment: string): string {
  if (!PHONE_SYSTEM.test(comment)) {
    const plain = comment.replace(MODEL, ";");
    return ANNOUNCED.test(plain) || !SYSTEM.test(plain) ? plain : plain.replace(DESKTOP_WORDS, " ");
  }
  const kept = comment
    .slice(1, -1)
    .split(";")
    .filter((part) => EXPLAINS.test(part) || PRODUCT.test(part));
  return `(android; ${kept.join(";")})`;
}

const PHONE_SYSTEM = /\bandroid\b/;
const SYSTEM = /linux|windows|mac|bada|symbian|x11|palm|iphone|ipad/;
const MODEL = /;[^;:]*? build\/[^;):]*/;
const DOMAIN = /[( ;+][a-z\d-]+\.(?:com?|net|org|io|ai|de|fr|jp|ru)(?![\w.])/;
const EXPLAINS = /https?:\/|www\.|[\w.+-]@[a-z\d-]+\.|compatible/;
const PRODUCT = /^[^/]*(?<!\bbuild)\/v?\d/;

/** How a program that is not a browser says so: an address, `compatible`, or a name in the engine's own comment. */
const ANNOUNCED = new RegExp(`${EXPLAINS.source}(?!; ?ms[a-z]*ie)|like gecko[;,] ?[a-z]|${DOMAIN.source}`);

/** Attributes that apps and televisions add; what they are set to describes the device or the network. */
const ATTRIBUTE =
  /(?:\b|_)(?:process|model|device|language|locale|region|channel|nettype|abi|build|brand|carrier|store|clientid\w*|account)[/=:][^ ;()]*/g;

/** Letters after the digits of a version. */
const VERSION_TAIL = /(?<=\/\d[\d.]*[.-])[a-z][^ ;,()/]*/g;

/**
 * Words in the names of apps, models and desktop programs that isbot takes for a crawler's. The names of crawlers
 * that hold one of them and come without an address are left alone.
 */
const APP_WORDS =
  /java(?:script)?|(?<!-)google(?![ -]?(?:page|web|ads|image|preview|inspection|other|favicon|safety))|news|(?<!google ?image)proxy|capture|catch(?:er)?|check(?:er|in|out)?\b|detect|discovery|(?<!google )downloads?(?:er|manager)?|feed|grab|insights?|library|measure|monitor\b|parser|podcast|radar|reader|\brss|(?<!-)scan|server|splash|(?<!dev)tools|torrent|transcoder|(?<=[a-z])urls?\b|(?<!-)agent\b|archive|\.com\b|\(\)|\||http(?!s?:\/)|\/1\.0(?=;)|^[a-z]+search\b|^(?:whatsapp|snapchat|yahoo|ddg)/g;

/** The same in the comment about a desktop: editions of systems, and what people install. */
const DESKTOP_WORDS =
  /\bcubot|capture|discovery|(?<=[;(] ?)google(?: [^;]*|t?\d*)(?=[;)])|java(?:script)?|\bnews|parser|proxy|radar|scan|(?<=[a-z])server|(?<=windows )server(?= \d)|splash|(?<=wireless )transcoder|\/1\.0(?=;)/g;

/** On small devices: a proxy of the network that says its name. */
const GATEWAY = /\(google wap proxy[^)]*\)|(?<=cldc-[\d.]+) google$/g;

/** What people install into their browsers and what adds itself to the agent. */
const ADD_ONS = /\b(?:chromeframe|firephp|qqdownload)\b/g;
