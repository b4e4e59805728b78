// flux-auth as an HTTP application: the gate, the origin check, Better Auth, the admin API, health.

import { adminBase, performancePath } from "@fluxstudio/admin-api";
import type { ClientIp } from "@fluxstudio/guard";
import { clientContext } from "@fluxstudio/guard/client-context";
import { guardMiddleware } from "@fluxstudio/guard/hono";
import type { ErrorReports, Health, Logger } from "@fluxstudio/telemetry";
import { type Context, Hono } from "hono";
import { type AdminOptions, createAdminRoutes, mistakeOf, requireOperator } from "./admin-routes.ts";
import { type Auth, basePath, clientIpHeader } from "./auth.ts";
import { limitBody } from "./body-size.ts";
import { busyMiddleware } from "./busy.ts";
import type { Config } from "./config.ts";
import { csrfMiddleware, foreignPageMiddleware, isBrought } from "./csrf.ts";
import { isUnavailable } from "./database/unavailable.ts";
import type { Devices } from "./devices/devices.ts";
import { asksWhose, doorOf, isOffer } from "./doors.ts";
import { createTellFailure, internalBody } from "./failure.ts";
import { createFront } from "./front/front.ts";
import { createPasses } from "./front/passes.ts";
import type { WaitingRoom } from "./front/waiting-room.ts";
import { jsonOnlyMiddleware } from "./json-only.ts";
import { performanceRoute } from "./live/performance-route.ts";
import { createViewers } from "./live/viewers.ts";
import { measuredRequests } from "./monitoring/measured-requests.ts";
import { metricsPath, metricsRoute, metricsTokens } from "./monitoring/metrics-route.ts";
import type { Monitoring } from "./monitoring/monitoring.ts";
import { createRouteLabels, type Route } from "./monitoring/route-labels.ts";
import { createPages } from "./pages/pages.ts";
import { securityHeaders } from "./pages/security-headers.ts";
import type { Passwords } from "./passwords.ts";
import { createRecordedPath } from "./recorded-path.ts";
import { shortPathTargets } from "./short-paths.ts";
import { createJwksRoute, jwksPath } from "./tokens/jwks-route.ts";
import { createOpenSessions } from "./tokens/open-sessions.ts";
import { refreshPath } from "./tokens/refresh-cookie.ts";
import { createRefreshRoute, type RefreshRouteOptions } from "./tokens/refresh-route.ts";
import { createReuseMail, type ReuseMailOptions } from "./tokens/reuse-mail.ts";
import type { TokenIssuer } from "./tokens/token-issuer.ts";
import { withCode } from "./with-code.ts";

export interface AppOptions extends Omit<AdminOptions, "clientIp" | "recordedPath"> {
  readonly config: Pick<Config, "publicUrl" | "trustedOrigins" | "monitoring">;
  readonly devices: Pick<Devices, "proven" | "shown" | "ofAccount">;
  readonly clientIp: ClientIp;
  readonly issuer: TokenIssuer;
  readonly decisions: RefreshRouteOptions["decisions"];
  readonly place?: ReuseMailOptions["place"];
  readonly hashing: Pick<Passwords, "isBusy">;
  readonly room: WaitingRoom;
  readonly health: Health;
  readonly logger: Logger;
  readonly monitoring: Pick<Monitoring, "metrics" | "requests">;
  readonly reports: Pick<ErrorReports, "error" | "traces" | "test">;
  /** Where the built pages are; undefined: none are served. */
  readonly pagesDirectory: string | undefined;
}

/** What @hono/node-server hands over with each request. */
interface NodeEnv {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string } };
}

/** With what stands before it on a socket. */
export async function createApp(options: AppOptions) {
  const { auth, config, devices, guard, health, now, reports } = options;
  const clientIp = (c: Context): string =>
    options.clientIp({
      socketAddress: (c.env as NodeEnv).incoming?.socket.remoteAddress,
      header: (name) => c.req.header(name),
    });
  const app = new Hono();
  const routes = () => [...authRoutes(auth), ...app.routes];
  const recordedPath = createRecordedPath(() => routes().map(({ path }) => path));
  const labelOf = createRouteLabels(routes, recordedPath);

  const tellFailure = createTellFailure(options);
  app.onError((error, c) => {
    const mistake = mistakeOf(error);
    if (mistake) return c.json(mistake, 400);
    const path = recordedPath(c.req.path);
    const account = clientContext.getStore()?.attempt?.account;
    tellFailure(error, { where: "request", method: c.req.method, path, account });
    if (isUnavailable(error))
      return c.json({ code: "UNAVAILABLE", retryAfter: 1 }, 503, { "Retry-After": "1" });
    return c.json(internalBody, 500);
  });
  const pages = options.pagesDirectory === undefined ? undefined : createPages(options.pagesDirectory);
  app.notFound(
    (c) => pages?.notFound(c) ?? c.json({ code: "NOT_FOUND", message: "There is nothing here." }, 404),
  );

  const { metrics, requests } = options.monitoring;
  app.use(measuredRequests({ requests, labelOf, clientIp, recordedPath }));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const report = await health.check();
    return c.json(report, report.status === "failing" ? 503 : 200);
  });

  app.get(jwksPath, createJwksRoute(options.issuer.keys));

  if (reports.traces) app.use(reports.traces(recordedPath));
  app.use(securityHeaders(config.publicUrl));
  if (pages) app.route("/", pages.routes);
  app.use("/api/*", limitBody());
  const origins = [config.publicUrl, ...config.trustedOrigins];
  for (const path of ["/api/*", metricsPath, performancePath]) app.use(path, foreignPageMiddleware(origins));
  const readers = metricsTokens(options.tokens, config.monitoring.metricsToken);
  const gate = requireOperator(
    { ...options, clientIp, recordedPath, tokens: readers },
    "metrics",
    "METRICS_TOKEN, or an operator token",
  );
  app.get(metricsPath, gate, metricsRoute(metrics));
  const viewers = createViewers({ ...options, access: options.issuer.access });
  app.get(performancePath, performanceRoute({ viewers, guard, clientIp, now, origins }));
  // Bearer tokens travel with no request that another site can make, so the admin API needs no proof of origin.
  app.route(adminBase, createAdminRoutes({ ...options, clientIp, recordedPath }));
  app.use(
    `${basePath}/*`,
    guardMiddleware({
      ...{ guard, clientIp, door: doorOf, offer: isOffer, recordedPath, now },
      brought: (c) => isBrought(c.req.method, (name) => c.req.header(name)),
      devices: async (c) => (asksWhose(c.req.method, c.req.path) ? devices.proven(c.req.raw.headers) : []),
    }),
  );
  const passes = createPasses({ now });
  app.use(`${basePath}/*`, busyMiddleware({ ...options, passes }));
  app.use(`${basePath}/*`, csrfMiddleware(origins));
  app.use(`${basePath}/*`, jsonOnlyMiddleware);
  const openSessions = createOpenSessions(auth, now);
  const onReuse = createReuseMail({ ...options, publicUrl: config.publicUrl });
  app.post(refreshPath, createRefreshRoute({ ...options, openSessions, onReuse }));
  app.all(`${basePath}/*`, async (c) => {
    const request = new Request(c.req.raw);
    request.headers.set(clientIpHeader, clientIp(c));
    return withCode(await auth.handler(request));
  });
  const front = await createFront({
    ...options,
    ...{ passes, requests, labelOf, recordedPath, origins, publicUrl: config.publicUrl },
  });
  return { app, front };
}

interface AuthEndpoint {
  readonly path?: string;
  readonly options: { readonly method: string | readonly string[] };
}

function authRoutes(auth: Auth): Route[] {
  const endpoints = (Object.values(auth.api) as readonly AuthEndpoint[]).flatMap(({ path, options }) =>
    path === undefined ? [] : [options.method].flat().map((method) => ({ method, path: basePath + path })),
  );
  const short = Object.keys(shortPathTargets).map((request) => {
    const [method = "", path = ""] = request.split(" ");
    return { method, path: basePath + path };
  });
  return [...endpoints, ...short];
}
