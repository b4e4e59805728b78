// Signs that a person's browser, phone, television or app wrote a User-Agent, though it looks like no common browser.

/** Browsers, old or small, whose agent does not begin with `Mozilla/` or does not name a known engine. */
export const UNUSUAL_BROWSERS: readonly string[] = [
  "abrowse, amaya, amiga-aweb, arachne, arora, avant browser, biyubi, blazer, browsex, bunjalloo",
  "chimera, contiki, cyberdog, deepnet explorer, dillo, doris, edbrowse, elinks, emacs-w3, emacs-w3m",
  "fennec, galeon, hotjava, hv3, ibrowse, icab, ice browser, internet explorer, kmeleon, konqueror",
  "lynx, microb, midori, minimo, mosaic, netcaptor, netfront, netpositive, netsurf, obigo, off by one",
  "offbyone, oligo, omniweb, oregano, outlook-express, planetweb, qutebrowser, retawq, spyglass, surf",
  "teashark, teleca, thunderbird, uzbl, voyager, w3m, ibm webexplorer, sleipnir, xchaos_arachne, xiino",
  "webtv, rekonq, roccat",
].flatMap((line) => line.split(", "));

/** Players, mail and office programs that fetch what a person opened in them. */
export const PERSONAL_PROGRAMS: readonly string[] = [
  "airplay, applecoremedia, eudora, evolution, foobar2000, itunes, kodi, lotus-notes",
  "mpv, ms-office, outlook, postbox, quicktime, realplayer, stagefright, vlc, winamp, xbmc",
].flatMap((line) => line.split(", "));

/** Makers of phones that began the agent with the model: `Nokia206/04.52`, `LG-G1500 AU/4.2`. */
export const HANDSET_MAKERS: readonly string[] = [
  "acer, alcatel, amoi, asus, audiovox, benq, bird, blackberry, casio, cdm, coolpad, dell, ericsson",
  "fly, gionee, haier, hp ipaq, htc, huawei, i-mate, karbonn, k-touch, kyocera, lava, lct, lenovo, lg",
  "lge, maxon, micromax, mitsu, mot, motorola, nec, nokia, oppo, palm, panasonic, pantech, pg, philips",
  "portalmmm, qtek, sagem, samsung, sanyo, sch, sec, sendo, sgh, sharp, sie, siemens, sonyericsson, sph",
  "spice, tcl, tecno, telit, tianyu, toshiba, treo, utstarcom, vivo, vk, xda, xiaomi, zte",
].flatMap((line) => line.split(", "));

/** Words of handset, television, watch and app platforms. No HTTP library writes them. */
export const DEVICE_SIGNS: readonly RegExp[] = [
  /\b(?:profile\/|configuration\/cldc|midp\b|j2me\b|up\.(?:browser|link)|smm-mms|obigo|netfront|teleca|jblend)/,
  /\b(?:symbianos|symbian|series ?[4689]0|s60version|blackberry|palmos|palmsource|windows ?ce|iemobile|bada\/|tizen|maemo)/,
  /\b(?:docomo|kddi|softbank|vodafone|j-phone|ucweb|nintendo|playstation|kaios|webos|web0s|sailfish|openharmony)/,
  /windows ?phone|windows ?mobile|\brisc os\b|android|\badr \d|\bwap\d?\.\d|\bmre\/?\d|, ?wire(?:d|less)\)|\bsonos\//,
  /ucbrowser|wap[- ]?browser|smart-?tv|hbbtv|ce-html|\bupnp\/|netcast|\broku|\bmaui|\bbrew\b|vidaa|\btvos|(?:apple|google) ?tv/,
  /\((?:iphone|ipad|ipod)|^(?:iphone|ipad|ipod)[\w,]+$|\bipados|\bwatch ?os\b/,
  // what an app says about the phone it runs on: `Device/HTC-One`, `Device model: LG-E440`, `(samsung/golden/GT-I8190)API 16`
  /\bdevice[/:_ ]?(?:model|brand|name)?[/:=] ?[a-z]|\)api \d+\b|\bhtc[ _]/,
  /^amazon;aft/,
  /\bdalvik\/|\bcfnetwork\/|\bdarwin\/\d|\bnetwork\/[\d.]+ (?:macos|ios)\/|\bfban\/|\bfbav\//,
];
