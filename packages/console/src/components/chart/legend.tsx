import { SimulatedTag } from '../tag.tsx';

export interface LegendEntry {
  readonly label: string;
  readonly simulated?: boolean;
  /** The value under the pointer, where there is one. */
  readonly value?: string | undefined;
}

const COLOURS = ['bg-series-1', 'bg-series-2', 'bg-series-3', 'bg-series-4', 'bg-series-5'] as const;

/** Names of the layers, in the order of the stack. */
export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }) {
  return (
    <ul className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12 text-second">
      {entries.map((entry, index) => (
        <li key={entry.label} className="flex items-center gap-1.5">
          <span aria-hidden="true" className={`size-2 rounded-mark ${COLOURS[index % COLOURS.length] ?? ''}`} />
          {entry.label}
          {entry.simulated === true ? <SimulatedTag /> : null}
          {entry.value === undefined ? null : <span className="text-ink">{entry.value}</span>}
        </li>
      ))}
    </ul>
  );
}

const STROKES = ['stroke-series-1', 'stroke-series-2', 'stroke-series-3', 'stroke-series-4', 'stroke-series-5'] as const;

/** Names of lines, in their order; beyond the fifth colours come again, dashed as in the chart. */
export function LineLegend({ labels }: { readonly labels: readonly string[] }) {
  return (
    <ul className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12 text-second">
      {labels.map((label, index) => (
        <li key={label} className="flex items-center gap-1.5">
          <svg aria-hidden="true" width={16} height={4} className={STROKES[index % STROKES.length] ?? ''}>
            <path d="M0 2h16" strokeWidth={2} strokeDasharray={index >= STROKES.length ? '5 3' : undefined} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
