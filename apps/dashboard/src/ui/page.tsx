// One page: its title in the tab and as a heading, which takes the focus when somebody comes here from another page.

import { type ReactNode, useEffect, useRef } from "react";

interface PageProps {
  readonly title: string;
  /** One sentence below the heading. */
  readonly intro?: ReactNode;
  /** Below the card: where else one may want to go. */
  readonly footer?: ReactNode;
  readonly children?: ReactNode;
}

/** The first page of a visit leaves the focus where the browser puts it. */
let isFirstPage = true;

/** A card in the middle of the screen, for what somebody does before they are signed in. */
export function CardPage({ title, intro, footer, children }: PageProps) {
  const heading = usePageHeading(title);
  return (
    <div className="card-page">
      <section className="card" aria-labelledby="page-title">
        <h1 id="page-title" ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {intro !== undefined && <p className="intro">{intro}</p>}
        {children}
      </section>
      {footer !== undefined && <p className="card-footer">{footer}</p>}
    </div>
  );
}

/** Sets the tab's title; returns what to put on the heading. */
export function usePageHeading(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Flux Studio`;
    if (!isFirstPage) heading.current?.focus();
    isFirstPage = false;
  }, [title]);
  return heading;
}
