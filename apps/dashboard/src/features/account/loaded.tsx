// Shows what a query found: until then that it is under way, and when it failed why, with a way to try again.

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { offline } from "../../problems/problem.ts";
import { LoadError } from "./load.ts";

interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>;
  children(data: Data): ReactNode;
}

export function Loaded<Data>({ query, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) {
    return (
      <p className="field-hint" role="status">
        Loading…
      </p>
    );
  }
  const { text } = query.error instanceof LoadError ? query.error.problem : offline;
  return (
    <div className="notice notice-problem">
      <p role="alert">{text}</p>
      <button type="button" className="link" onClick={() => void query.refetch()}>
        Try again
      </button>
    </div>
  );
}
