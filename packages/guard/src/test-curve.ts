// Draws scores over time as an SVG, for the page about reputation.

export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly days: number; readonly score: number }[];
}

const width = 720;
const height = 320;
const left = 40;
const top = 16;
const plotWidth = width - left - 16;
const plotHeight = height - top - 36;

/** @param days that the axis is long */
export function drawCurves(title: string, curves: readonly Curve[], days: number): string {
  const x = (day: number) => (left + (day / days) * plotWidth).toFixed(1);
  const y = (score: number) => (top + (1 - score / 100) * plotHeight).toFixed(1);
  const line = (from: readonly string[], to: readonly string[], style: string) =>
    `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" ${style}/>`;
  const text = (at: readonly string[], what: string, style = "") =>
    `<text x="${at[0]}" y="${at[1]}" ${style}>${what}</text>`;
  const levels = [20, 40, 60].map((score) =>
    line([x(0), y(score)], [x(days), y(score)], 'stroke="#999" stroke-dasharray="4 4"'),
  );
  const scores = [0, 20, 40, 60, 80, 100].map((score) =>
    text([String(left - 6), String(Number(y(score)) + 4)], String(score), 'text-anchor="end"'),
  );
  const weeks = Array.from({ length: Math.floor(days / 7) + 1 }, (_, week) =>
    text([x(week * 7), String(height - 18)], `day ${week * 7}`, 'text-anchor="middle"'),
  );
  const names = curves.map(({ name, colour, points }) => {
    const last = points.at(-1) ?? { days: 0, score: 0 };
    const place = [x(last.days), String(Number(y(last.score)) - 8)];
    return text(place, name, `fill="${colour}" text-anchor="end"`);
  });
  const drawn = curves.map(({ colour, points }) => {
    const path = points.map(({ days, score }) => `${x(days)},${y(score)}`).join(" ");
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...levels,
    ...scores,
    ...weeks,
    text([x(days), String(Number(y(60)) - 4)], "doubled above", 'fill="#666" text-anchor="end"'),
    text([x(days), String(Number(y(40)) + 14)], "halved below", 'fill="#666" text-anchor="end"'),
    text([x(days), String(Number(y(20)) + 14)], "blocked below", 'fill="#666" text-anchor="end"'),
    ...drawn,
    ...names,
    "</svg>",
    "",
  ].join("\n");
}
