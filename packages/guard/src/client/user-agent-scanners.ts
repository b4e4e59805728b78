// Names that attack and vulnerability-scanning programs give themselves in the User-Agent header.

/**
 * Lower case; matched as whole words anywhere in the header. Taken from the programs' documented default
 * agents. Internet-wide surveys that say who they are (Censys, Shodan, Palo Alto Expanse) are not here: they
 * crawl, and count as `bot`.
 */
export const SCANNER_NAMES: readonly string[] = [
  // web vulnerability scanners
  "acunetix, appscan, arachni, burpcollaborator, burpsuite, burp suite, (hydra), goby/, grendel-scan",
  "invicti, jaeles, n-stealth, nessus, netsparker, nikto, nstalker, nuclei, openvas, owasp zap",
  "owasp_zap, paros/, pocsuite, qualys, skipfish, tplmap, vega/1.0, w3af, w9scan, wapiti, webinspect",
  "webshag, whatweb, xray/, zaproxy",
  // path and parameter guessing
  "arjun/, cansina, dirb, dirbuster, dirsearch, feroxbuster, ffuf, fuzz faster u fool, gobuster",
  "hakrawler, kiterunner, paramspider, patator, rustbuster, wfuzz",
  // injection and exploitation
  "bsqlbf, commix, dalfox, havij, metasploit, pangolin/, sqlmap, sqlninja, sqlsus, sqlbrute, xsser",
  "xsstrike, ysoserial, log4j-scan, shellshock-scan",
  // content management systems
  "cmsmap, droopescan, joomscan, plecost, vbscan, wpscan, wprecon",
  // ports, networks and credentials
  "brutespray, crackmapexec, fscan, masscan, naabu, ncrack, nmap, nmap scripting engine, rustscan",
  "thc-hydra, zgrab, zgrab2, zmap, unicornscan",
  // mass exploitation seen under these names
  "l9explore, l9tcpid, leakix, morfeus, muieblackcat, toata dragostea, zmeu, gofuck, jorgee, mozi.m",
  "r00ts3c, xtate",
].flatMap((line) => line.split(", "));

/** What only an attack puts into a User-Agent: lookups, shell functions, markup, SQL and file paths. */
export const ATTACK_PAYLOADS: readonly RegExp[] = [
  /\$\{(?:jndi|lower:|upper:|env:|::-)/,
  /\(\) ?\{ ?:? ?;? ?\}/,
  /<(?:script|img|svg|iframe|\?php)\b/,
  /\bunion (?:all )?select\b|\bsleep\(\d|\bwaitfor delay\b|'\s?or\s'?1'?\s?=/,
  /^hello, ?world/,
  /\/etc\/passwd|\.\.\/\.\.\/|;\s?(?:wget|curl|chmod|bash|sh)\s/,
];
