import { useFormat } from '../../format/use-format.ts';

interface ScoreLineProps {
  readonly name: string;
  readonly mean: number | null;
  readonly threshold: number | undefined;
}

/** A mean beside the least that is asked of it. */
export function ScoreLine({ name, mean, threshold }: ScoreLineProps) {
  const format = useFormat();
  const missed = threshold !== undefined && mean !== null && mean < threshold;
  return (
    <span className="inline-flex items-baseline gap-1.5 whitespace-nowrap">
      <span className="text-12 text-third">{name}</span>
      <span className={missed ? 'font-medium text-red' : ''}>{format.decimal(mean, 2)}</span>
      {threshold === undefined ? null : <span className="text-11 text-third">≥ {format.decimal(threshold, 2)}</span>}
    </span>
  );
}
