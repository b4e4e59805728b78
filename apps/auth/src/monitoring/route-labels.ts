// Under which name a request is counted: the pattern of the route that serves it, or `other`. Their number is fixed.

export interface Route {
  readonly method: string;
  /** May hold parameters: `/reset-password/:token`. */
  readonly path: string;
}

export interface RouteLabel {
  readonly method: string;
  readonly route: string;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * @param routes asked for when the first request comes; wildcards among them serve nothing by themselves
 * @param recordedPath see `createRecordedPath`
 */
export function createRouteLabels(
  routes: () => readonly Route[],
  recordedPath: (path: string) => string,
): (method: string, path: string) => RouteLabel {
  const others = new Map(methods.map((method) => [method, { method, route: "other" }]));
  const otherMethod: RouteLabel = { method: "other", route: "other" };
  let known: Map<string, RouteLabel> | undefined;

  function labelsOf(): Map<string, RouteLabel> {
    const served = routes().filter(({ method, path }) => methods.includes(method) && !path.includes("*"));
    const labels = served.flatMap(({ method, path: route }): [string, RouteLabel][] => {
      // As `recordedPath` leaves a path that this route serves.
      const key = route.replace(/:[^/]+/g, "*");
      const label: [string, RouteLabel] = [`${method} ${key}`, { method, route }];
      // Whoever serves GET serves HEAD.
      return method === "GET" ? [label, [`HEAD ${key}`, { method: "HEAD", route }]] : [label];
    });
    return new Map(labels);
  }

  return (method, path) => {
    known ??= labelsOf();
    return (
      known.get(`${method} ${path}`) ??
      known.get(`${method} ${recordedPath(path)}`) ??
      others.get(method) ??
      otherMethod
    );
  };
}
