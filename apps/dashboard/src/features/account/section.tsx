// One part of an account page, under a heading of its own.

import { type ReactNode, useId } from "react";

interface SectionProps {
  readonly title: string;
  readonly intro?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, intro, children }: SectionProps) {
  const id = useId();
  return (
    <section className="card section" aria-labelledby={id}>
      <div className="section-head">
        <h2 id={id}>{title}</h2>
        {intro !== undefined && <p className="intro">{intro}</p>}
      </div>
      {children}
    </section>
  );
}
