// Where wrk is, which makes the load of the benchmarks.

import { provide } from "../tools/test-services/system-program.ts";

/** Installed when it is missing. */
export function wrkPath(): string {
  const [path = ""] = provide([
    {
      ...{ names: ["wrk"], directories: ["/usr/bin"], aptPackage: "wrk", brewPackage: "wrk" },
      neededBy: "the benchmarks of routes",
    },
  ]);
  return path;
}
