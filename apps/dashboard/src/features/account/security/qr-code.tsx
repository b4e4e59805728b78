// A QR code as a drawing, which needs neither a picture from elsewhere nor a style in the page.

import encodeQR from "qr";

interface QrCodeProps {
  readonly text: string;
  /** What a screen reader says. */
  readonly label: string;
}

/** Readers want four empty modules around it (ISO/IEC 18004, 5.3.8), and dark on light in dark mode, too. */
const border = 4;

export function QrCode({ text, label }: QrCodeProps) {
  const rows = encodeQR(text, "raw", { border });
  const path = rows
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg className="qr-code" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label}>
      <path d={`M0 0h${rows.length}v${rows.length}h-${rows.length}z`} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
