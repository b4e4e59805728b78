// Signs that a person's browser, phone, television or app wrote a User-Agent, though it looks like no common browser.

/** Browsers, old or small, whose agent does not begin with `Mozilla/` or does not name a known engine. */
export const UNUSUAL_BROWSERS: readonly string[] = [
  "abrowse, acorn browse, amaya, amiga-aweb, arachne, arora, avant browser, biyubi, blazer, browsex",
  "bunjalloo, cern-linemode, chimera, contiki, cyberdog, deepnet explorer, dillo, doris, edbrowse, elinks, emacs-w3, emacs-w3m",
  "fennec, galeon, hotjava, hv3, ibrowse, icab, ice browser, internet explorer, kmeleon, konqueror",
  "lynx, microb, midori, minimo, mosaic, netcaptor, netfront, netpositive, netsurf, obigo, off by one",
  "offbyone, oligo, omniweb, oregano, outlook-express, planetweb, qutebrowser, retawq, spyglass, surf",
  "teashark, teleca, thunderbird, uzbl, voyager, w3m, ibm webexplorer, sleipnir, xchaos_arachne, xiino",
  "webtv, rekonq, roccat, arena, browsh, carbonyl, cello, charon, doslynx, emissary, encompass, escape",
  "eww, fresco, grail, gzilla, ladybird, links, maclynx, macweb, mothra, netraider, netrik, netshark",
  "plume, servo, slipknot, sundance, udiwww, viola, wannabe, webexplorer, webster, winweb",
].flatMap((line) => line.split(", "));

/** Players, mail and office programs that fetch what a person opened in them. */
export const PERSONAL_PROGRAMS: readonly string[] = [
  "airplay, applecoremedia, eudora, evolution, foobar2000, itunes, kodi, lotus-notes",
  "mpv, ms-office, outlook, postbox, quicktime, realplayer, stagefright, vlc, winamp, xbmc",
].flatMap((line) => line.split(", "));

/**
 * Makers of phones and other devices whose names are no words or parts of words: whatever follows came with a device of
 * theirs, be it an updater or the weather (`Nokia MfE/1.1`, `HTCWeather`).
 */
export const SINGULAR_MAKERS: readonly string[] = [
  "alcatel, archos, asus, audiovox, benq, blackberry, coolpad, garmin, gionee, htc, huawei, karbonn",
  "kwc, kyocera, lenovo, lg-, micromax, motorola, nokia, panasonic, pantech, philips, portalmmm",
  "sagem, samsung, sanyo, siemens, sonyericsson, toshiba, utstarcom, xiaomi",
].flatMap((line) => line.split(", "));

/** Others, which count only when they began the agent with the model: `LG-G1500 AU/4.2`. */
export const HANDSET_MAKERS: readonly string[] = [
  "acer, amoi, bird, casio, cdm, dell, ericsson, fly, haier, hp ipaq, i-mate, k-touch, lava, lct",
  "lg, lge, maxon, mitsu, mot, nec, oppo, palm, pg, qtek, sch, sec, sendo, sgh, sharp, sie, sph",
  "spice, tcl, tecno, telit, tianyu, treo, vivo, vk, xda, zte",
].flatMap((line) => line.split(", "));

/** Words of handset, television, watch and app platforms. No HTTP library writes them. */
export const DEVICE_SIGNS: readonly RegExp[] = [
  /\b(?:profile\/|configuration\/cldc|midp\b|j2me\b|up\.(?:browser|link)|smm-mms|obigo|netfront|teleca|jblend)/,
  /\b(?:symbianos|symbian|series ?[4689]0|s60version|blackberry|palmos|palmsource|windows ?ce|iemobile|bada\/|tizen|maemo)/,
  /\b(?:docomo|kddi|softbank|vodafone|j-phone|ucweb|nintendo|playstation|kaios|webos|web0s|sailfish|openharmony)/,
  /windows ?phone|windows ?mobile|\brisc os\b|android|\badr \d|\bwap\d?\.\d|\bmre\/?\d|, ?wire(?:d|less)\)|\bsonos\//,
  /ucbrowser|wap[- ]?browser|smart-?tv|hbbtv|ce-html|\bupnp\/|netcast|\broku|\bmaui|\bbrew\b|vidaa|\btvos|(?:apple|google) ?tv/,
  /\((?:iphone|ipad|ipod)|^(?:apple-)?(?:iphone|ipad|ipod)[\w,]+(?:$|\/)|\bipados|\bwatch ?os\b/,
  // what an app says about the phone it runs on: `Device/HTC-One`, `Device model: LG-E440`, `(samsung/golden/GT-I8190)API 16`
  /\bdevice[/:_ ]?(?:model|brand|name)?[/:=] ?[a-z]|\)api \d+\b|\bhtc[ _]/,
  // televisions, set-top boxes and consoles
  /\b(?:[ds]tv|iptv|set-?top|stbapp|bravia|viera|aquos|philips(?:tv|webkit)|netrange|maple \d|opera tv)\b/,
  /\b(?:xbox|wii|psp|dream(?:cast|key|passport)|sega)\b/,
  /\b(?:dlnadoc|sec_hhp|espial|ekioh|opentv|galio|inettv|freebox|boxee|crkey|homepod|blu-?ray|bdp-?\w?\d)|[a-z]tv[/ ]v?\d/,
  // Apple's names for its models
  /\b(?:iphone|ipad|ipod|watch|appletv|audioaccessory|macbook[a-z]*|imac|macmini)\d+,\d+\b/,
  // printers with a screen
  /\b(?:laserjet|officejet|konica ?minolta|ricoh|lexmark|bizhub|imagerunner|taskalfa)\b/,
  // pocket computers
  /\b(?:pda|pocket ?pc|ppc-\d|psion|epoc|cassiopeia|jornada|zaurus|avantgo|handspring)\b/,
  // telephone companies of Japan, whose handsets say whose they are
  /\b(?:ddipocket|willcom|astel|emobile|pdxgw|l-mode)\b/,
  // Netscape before it had much to tell
  /^mozilla\/[1-4]\.\d+\w* ?(?:\[\w+\] ?)?\((?:win|mac|x11|os\/2)[^()]*\)/,
  // Amazon's devices list maker, model and serial number
  /^amazon;[\w ]+;/,
  // apps name the system below them (`Acme iOS 2.0`); macOS is not among these, for commands run there and say so
  /\bios\b|\bcoremedia\b|\bexoplayer/,
  // Android's build fingerprint: maker/product/device:release/build:user
  /\/\w+:[\d.]+\/[\w.]+\/[^ :]+:user\b/,
  /\bdalvik\/|\bcfnetwork\/|\bdarwin\/\d|\bnetwork\/[\d.]+ (?:macos|ios)\/|\bfban\/|\bfbav\//,
];
