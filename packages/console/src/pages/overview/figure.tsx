import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Sparkline } from '../../components/sparkline.tsx';

interface FigureProps {
  readonly label: string;
  readonly value: string;
  /** The limit or expectation beside the figure. */
  readonly beside?: ReactNode;
  /** What it amounts to, below. */
  readonly below?: ReactNode;
  /** The figure and what is below it in full, for a tooltip, where they are shortened. */
  readonly exact?: string;
  readonly exactBelow?: string;
  readonly series: readonly (number | null)[];
  readonly tone?: 'accent' | 'amber' | 'red';
  readonly to: '/traces' | '/costs' | '/models';
  readonly search?: { readonly status?: 'error' };
}

/** One number with its limit, its trend and the way to the rows behind it. */
export function Figure({ label, value, beside, below, exact, exactBelow, series, tone = 'accent', to, search }: FigureProps) {
  return (
    <Link
      to={to}
      {...(search === undefined ? {} : { search })}
      className="group flex min-w-0 flex-col gap-0.5 border-line px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2"
    >
      <span className="text-12 text-second">{label}</span>
      <span className="flex items-baseline gap-1.5 whitespace-nowrap">
        <span className={`figure text-24 font-bold tracking-tight ${tone === 'red' ? 'text-red' : tone === 'amber' ? 'text-amber' : ''}`} title={exact}>
          {value}
        </span>
        <span className="truncate text-12 text-second">{beside}</span>
      </span>
      <span className="flex items-end justify-between gap-2">
        <span className="truncate text-12 text-third" title={exactBelow}>
          {below}
        </span>
        <Sparkline values={series} tone={tone} />
      </span>
    </Link>
  );
}
