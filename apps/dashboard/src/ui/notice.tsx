// A short message on the page: good news, or something to know; read out when it appears.

import type { ReactNode } from "react";

interface NoticeProps {
  readonly kind: "good" | "caution" | "plain";
  readonly children: ReactNode;
}

export function Notice({ kind, children }: NoticeProps) {
  return (
    <div className={`notice notice-${kind}`} role="status">
      {children}
    </div>
  );
}
