// The page of a mailed link: incomplete, waiting for its reader to act, or done.

import { type ReactNode, useState } from "react";
import { linkToken } from "../../session/link-token.ts";
import { IncompleteLink } from "./incomplete-link.tsx";

interface LinkPageProps {
  /** What to show first. */
  ask(token: string, onDone: () => void): ReactNode;
  readonly done: ReactNode;
}

export function LinkPage({ ask, done }: LinkPageProps) {
  const [isDone, setDone] = useState(false);
  if (linkToken === undefined) return <IncompleteLink />;
  return isDone ? done : ask(linkToken, () => setDone(true));
}
