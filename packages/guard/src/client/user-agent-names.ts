// Takes out of a User-Agent the names that makers of devices and browsers chose, so that the program's own words are left.
import { DEVICE_SIGNS, HANDSET_MAKERS } from "./user-agent-browsers.ts";

/** An address to complain to: seldom in a browser's agent, nearly always in a crawler's. */
export const CONTACT = /https?:\/|@/;

const HANDSET = new RegExp(
  `^(?:${HANDSET_MAKERS.join("|")})(?:[ _-]?[a-z]{0,5}[-_]?\\d|[-_ /][a-z]+[ _-]?\\d)`,
);

/** True if a handset, a television, a console or an app on one of them wrote the agent. */
export function hasDeviceSign(text: string): boolean {
  return HANDSET.test(text) || DEVICE_SIGNS.some((sign) => sign.test(text));
}

/**
 * Takes out the words that the maker of a device or an add-on chose, and not the program: what stands in the
 * comment about the system, the model before `Build/`, what an add-on or a company's browser is called, and on small
 * devices the platform (Java) and the gateway (a proxy). "Discovery", "Radar" or "Google" there is a phone.
 */
export function withoutDeviceNames(text: string, device: boolean): string {
  const plain = text.replace(SYSTEM_COMMENT, systemWithoutNames).replace(ADD_ONS, " ");
  return device ? plain.replace(HANDSET_WORDS, " ") : plain;
}

/** Takes out what browsers are called that were named after what they are for, unless they say where they come from. */
export function withoutBrowserNames(text: string): string {
  const plain = BROWSER_NAMES.reduce((rest, name) => rest.replace(name, " "), text);
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
  // one word ending in browser, after the engine (isbot knows two of these as bots)
  /(?<=like gecko\).*)\b(?!dm|ibis)[^ ]*(?: mobile )?browser\b/g,
];

/** `Mozilla/5.0 (…`: up to the end of the comment, which may hold one level of brackets of its own. */
const SYSTEM_COMMENT = /\([^()]*(?:\([^()]*\)[^()]*)*(?:\)|$)/;

function systemWithoutNames(comment: string): string {
  const withoutModel = comment.replace(MODEL, ";");
  if (ADDRESS.test(withoutModel) || !SYSTEM.test(withoutModel)) return withoutModel;
  return withoutModel.replace(ORDINARY_WORDS, " ");
}

/** How a program that is not a browser says where to complain. */
const ADDRESS = /https?:\/|www\.|@|compatible(?!; ?ms[a-z]*ie)/;
const SYSTEM = /android|linux|windows|mac|bada|symbian|x11|palm/;
const MODEL = /;[^;:]*? build\/[^;):]*/;
const ORDINARY_WORDS =
  /\bcubot|capture|discovery|(?<=[;(] ?)google(?: [^;]*|t?\d*)(?=[;)])|java|\bnews|proxy|radar|scan|(?<=[a-z])server|(?<=windows )server(?= \d)|splash|(?<=wireless )transcoder|\/1\.0(?=;)/g;

/** On small devices: the platform, the gateway, capabilities, and lists written with bars or empty brackets. */
const HANDSET_WORDS =
  /java|\(google wap proxy[^)]*\)|(?<=cldc-[\d.]+) google$|\bnews(?:article|sdk|app)?\/|http(?!s?:\/)|\||\(\)/g;

/** What people install into their browsers and what adds itself to the agent. */
const ADD_ONS = /\b(?:chromeframe|firephp|qqdownload)\b/g;
