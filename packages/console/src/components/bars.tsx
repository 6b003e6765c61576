import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';
import { classNames } from './class-names.ts';

const clamp = (share: number): string => `${Math.min(100, Math.max(0, share * 100))}%`;

interface BarProps {
  readonly share: number;
  /** Where a tick stands: what was expected. */
  readonly tick?: number | null;
  readonly warn?: boolean;
  readonly bad?: boolean;
  readonly className?: string;
}

/** A hairline bar; the number stands beside it, so it is hidden from a screen reader. */
export function Bar({ share, tick = null, warn = false, bad = false, className }: BarProps) {
  return (
    <span aria-hidden="true" className={classNames('relative inline-block h-1.5 rounded-full bg-track', className ?? 'w-20')}>
      <span
        className={classNames('absolute inset-y-0 left-0 rounded-full', bad ? 'bg-red' : warn ? 'bg-amber-mark' : 'bg-accent')}
        style={{ width: clamp(share) }}
      />
      {tick === null ? null : <span className="absolute -inset-y-0.5 w-0.5 rounded-mark bg-ink" style={{ left: clamp(tick) }} />}
    </span>
  );
}

/** A share with its bar: `71%`. */
export function ShareBar({ share, warnAt = 0.85 }: { readonly share: number | null; readonly warnAt?: number }) {
  const format = useFormat();
  if (share === null) return <span className="text-third">–</span>;
  const warn = share >= warnAt;
  return (
    <span className="figure inline-flex items-center gap-2 align-middle">
      <Bar share={share} warn={warn} bad={share >= 1} />
      <span className={classNames('w-9 text-12', share >= 1 ? 'text-red' : warn ? 'text-amber' : 'text-second')}>{format.percent(share)}</span>
    </span>
  );
}

/** Expected beside realised: a bar with a tick, and both numbers in words for a screen reader. */
export function HitBar({ expected, realised }: { readonly expected: number | null; readonly realised: number | null }) {
  const t = useT();
  const format = useFormat();
  if (expected === null && realised === null) return <span className="text-third">–</span>;
  const below = expected !== null && realised !== null && realised < expected - 0.1;
  return (
    <span className="figure inline-flex items-center gap-2 align-middle">
      <Bar share={realised ?? 0} tick={expected} warn={below} />
      <span className={classNames('text-12 whitespace-nowrap', below ? 'text-amber' : 'text-second')}>
        <span className="sr-only">{t('common.expected')} </span>
        {expected === null ? '–' : format.percent(expected)}
        <span aria-hidden="true" className="px-1 text-third">
          |
        </span>
        <span className="sr-only">, {t('common.realised')} </span>
        {format.percent(realised)}
      </span>
    </span>
  );
}
