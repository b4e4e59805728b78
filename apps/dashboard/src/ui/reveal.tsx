// A form that opens on a click, so that a page of many forms shows what is, before what could be changed.

import { type ReactNode, useEffect, useRef, useState } from "react";

interface RevealProps {
  /** On the button that opens it. */
  readonly label: string;
  readonly children: ReactNode;
}

export function Reveal({ label, children }: RevealProps) {
  const [isOpen, setOpen] = useState(false);
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isOpen) content.current?.querySelector<HTMLElement>("input:not([hidden])")?.focus();
  }, [isOpen]);
  if (isOpen) return <div ref={content}>{children}</div>;
  return (
    <button type="button" className="button" aria-expanded={false} onClick={() => setOpen(true)}>
      {label}
    </button>
  );
}
