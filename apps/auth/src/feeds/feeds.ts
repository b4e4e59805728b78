// The IP lists of this process: loaded from their feeds at the start, and again and again.

import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { FeedEntry } from "@fluxstudio/admin-api";
import type { IpLists } from "@fluxstudio/guard";
import type { IpList, IpListOptions } from "@fluxstudio/guard/ip-list";
import type { Logger } from "@fluxstudio/telemetry";
import { createFeedLog } from "./feed-log.ts";
import type { FeedSettings } from "./feed-settings.ts";

export interface FeedsOptions {
  readonly feeds: FeedSettings;
  /** In which what was taken last is kept for the next start. */
  readonly dataDir: string;
  /** Whoever blocks a proxy blocks everybody behind it. */
  readonly trustedProxies: readonly string[];
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly now: () => number;
  /** How long a start waits for the feeds; those that come later are in force from then on. @default 5_000 */
  readonly patienceMs?: number;
  /** Time for each source. @default 10_000 */
  readonly timeoutMs?: number;
}

export interface Feeds {
  readonly lists: IpLists;
  status(): FeedEntry[];
  /** Looks at all sources now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

type Kind = FeedEntry["list"];

interface Feed {
  readonly kind: Kind;
  readonly sources: readonly Source[];
  readonly list: () => IpList | undefined;
  /** Resolves when each source was tried once. */
  readonly opened: Promise<IpList>;
}

interface Source {
  readonly from: string;
  readonly name: string;
}

/** Resolves when the lists can be asked, or `patienceMs` is over. @throws GuardError `INVALID_OPTIONS` */
export async function createFeeds(options: FeedsOptions): Promise<Feeds> {
  const { feeds: settings, logger, patienceMs = 5_000 } = options;
  const [block, allow] = [open("blocklist", settings.block), open("allowlist", settings.allow)];
  const feeds = [block, allow].filter((feed) => feed !== undefined);
  if (feeds.length === 0) {
    logger.info("No IP lists: BLOCKLIST_SOURCES and ALLOWLIST_SOURCES are not set");
  } else {
    const opened = Promise.all(feeds.map((feed) => feed.opened));
    await Promise.race([opened, wait(patienceMs, undefined, { ref: false })]);
  }

  function open(kind: Kind, from: readonly string[]): Feed | undefined {
    if (from.length === 0) return undefined;
    const sources = named(from);
    let list: IpList | undefined;
    const opened = openList({ ...options, kind, sources }).then((made) => {
      list = made;
      return made;
    });
    // Of one that fails at once the start hears; nothing can fail later.
    opened.catch(() => {});
    return { kind, sources, list: () => list, opened };
  }

  return {
    lists: { ...(block && { block: matcherOf(block) }), ...(allow && { allow: matcherOf(allow) }) },

    status: () => feeds.flatMap(statusOf),

    async refresh() {
      await Promise.all(feeds.map(async ({ opened }) => (await opened).refresh()));
    },

    async close() {
      for (const { list, opened } of feeds) {
        // Nobody waits for the end of a feed that hangs.
        if (list()) await list()?.close();
        else void opened.then((late) => late.close()).catch(() => {});
      }
    },
  };
}

/** Four networks of /8: nobody trusts more, and whoever can write into somebody's list must not let in half the world. */
const largestAllowed = 1 / 64;

interface OpenOptions extends FeedsOptions {
  readonly kind: Kind;
  readonly sources: readonly Source[];
}

/** Loads what it takes only where a list is configured. */
async function openList(options: OpenOptions): Promise<IpList> {
  const { kind, sources, feeds, dataDir, trustedProxies, logger, now, timeoutMs = 10_000 } = options;
  const { createIpList, privateNetworks } = await import("@fluxstudio/guard/ip-list");
  const list: IpListOptions = {
    ...{ purpose: kind, sources, refreshMs: feeds.refreshMs, timeoutMs, now },
    keepIn: join(dataDir, "feeds"),
    ...(kind === "blocklist" && { exempt: [...privateNetworks, ...trustedProxies] }),
    ...(kind === "allowlist" && { largestShare: largestAllowed }),
    onRefresh: createFeedLog(kind, logger),
  };
  return createIpList(list);
}

/** Also while nothing is loaded. */
const matcherOf = ({ list }: Feed): IpLists["block"] => ({
  has: (ip) => list()?.has(ip) ?? false,
  match: (ip) => list()?.match(ip),
  matchNetwork: (network) => list()?.matchNetwork(network),
  get size() {
    return list()?.size ?? 0;
  },
});

function statusOf({ kind, sources, list }: Feed): FeedEntry[] {
  const reports = list()?.report().sources;
  if (!reports) {
    return sources.map(({ name }) => ({
      ...{ list: kind, source: name, state: "loading", networks: 0, leftOut: 0 },
    }));
  }
  return reports.map(({ source, failure, loadedAt, counts }) => ({
    ...{ list: kind, source, loadedAt, failure },
    state: failure ? "failed" : "loaded",
    networks: loadedAt === undefined ? 0 : (counts?.entries ?? 0),
    leftOut: counts?.problemCount ?? 0,
  }));
}

/** A file by its path, a URL without its query, which may hold a key; of two that are called the same the second by its number, too. */
function named(from: readonly string[]): Source[] {
  const seen = new Map<string, number>();
  return from.map((one) => {
    const url = /^https?:/i.test(one) ? URL.parse(one) : null;
    const name = url ? `${url.origin}${url.pathname}` : resolve(one);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { from: one, name: count === 1 ? name : `${name} (${count})` };
  });
}
