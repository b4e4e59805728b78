// Names the browser and system that a User-Agent header claims, in words that its owner recognises.

/** In this order: nearly every browser also claims to be the ones below it. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\b(?:OPR|Opera|OPiOS|OPT)\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bYaBrowser\//, "Yandex Browser"],
  [/\bUCBrowser\//, "UC Browser"],
  [/\bDuckDuckGo\//, "DuckDuckGo"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\b(?:MSIE |Trident\/)/, "Internet Explorer"],
  [/\bVersion\/[\d.]+ .*\bSafari\//, "Safari"],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "an iPhone"],
  [/\biPad\b/, "an iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac(?:intosh| OS X)\b/, "a Mac"],
  [/\bLinux\b/, "Linux"],
];

/** A program that says no more than its name and version: `curl/7.68.0`. */
const program = /^([A-Za-z][\w-]{0,30})(?:\/[\d.]{1,20})?(?:$|[ (;])/;
/** Real agents are shorter. */
const longest = 512;

/**
 * The header itself is never repeated: whoever sends a request chooses it, and a mail is read by somebody else, whose
 * mail program makes links of whatever looks like one.
 * @returns "Firefox on Windows", "Safari on an iPhone", "curl", or "an unknown browser"
 */
export function browserName(userAgent: string | undefined): string {
  const text = userAgent?.slice(0, longest) ?? "";
  const browser = find(browsers, text);
  const system = find(systems, text);
  if (browser && system) return `${browser} on ${system}`;
  if (browser) return browser;
  if (system) return `an unknown browser on ${system}`;
  return program.exec(text)?.[1] ?? "an unknown browser";
}

function find(names: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return names.find(([pattern]) => pattern.test(text))?.[1];
}
