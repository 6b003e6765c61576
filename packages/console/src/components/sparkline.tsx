const WIDTH = 72;
const HEIGHT = 24;

/** The course of a figure; gaps stay gaps. The figure itself stands beside it. */
export function Sparkline({ values, tone = 'accent' }: { readonly values: readonly (number | null)[]; readonly tone?: 'accent' | 'amber' | 'red' }) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return <svg aria-hidden="true" width={WIDTH} height={HEIGHT} className="shrink-0" />;
  const low = Math.min(...known, 0);
  const high = Math.max(...known);
  const span = high - low || 1;
  const step = WIDTH / Math.max(1, values.length - 1);
  let path = '';
  let pen = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      pen = false;
      continue;
    }
    const x = (index * step).toFixed(1);
    const y = (HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4)).toFixed(1);
    // A value between gaps is a dot: a line of no length with a round end.
    path += pen ? `L${x} ${y}` : `M${x} ${y}h0`;
    pen = true;
  }
  const colour = { accent: 'stroke-accent', amber: 'stroke-amber-mark', red: 'stroke-red' }[tone];
  return (
    <svg aria-hidden="true" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="shrink-0 overflow-visible">
      <path d={path} fill="none" className={colour} strokeWidth={1.25} strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
