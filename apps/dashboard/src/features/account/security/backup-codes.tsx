// The backup codes, shown once, with ways to keep them.

import { useEffect, useRef, useState } from "react";
import { Notice } from "../../../ui/notice.tsx";

interface BackupCodesProps {
  readonly codes: readonly string[];
  onDone(): void;
}

export function BackupCodes({ codes, onDone }: BackupCodesProps) {
  const [isCopied, setCopied] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const copy = async () => {
    await navigator.clipboard.writeText(codes.join("\n"));
    setCopied(true);
  };
  return (
    <div className="form">
      <h3 ref={heading} tabIndex={-1}>
        Keep these backup codes
      </h3>
      <p>
        Each of them signs you in once, when your phone is lost. We keep only their fingerprints, so this is
        the only time that you see them.
      </p>
      <ul className="codes" aria-label="Backup codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="button" onClick={() => void copy()}>
          Copy them
        </button>
        <button type="button" className="button button-primary" onClick={onDone}>
          I have kept them
        </button>
      </div>
      {isCopied && <Notice kind="good">Copied.</Notice>}
    </div>
  );
}
