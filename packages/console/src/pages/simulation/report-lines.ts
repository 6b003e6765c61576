import type { SimulationMeasure, SimulationRow } from '@maru/api/wire';
import type { Line } from '../../components/chart/line-points.ts';

/** Policies in the order in which they were played. */
export const policiesOf = (rows: readonly SimulationRow[]): readonly string[] => [...new Set(rows.map(({ policy }) => policy))];

/** One measure over the offered load, a line per policy; what has collapsed is hollow. */
export const linesOver = (rows: readonly SimulationRow[], measure: SimulationMeasure): readonly Line[] =>
  policiesOf(rows).map((policy) => {
    const own = rows
      .filter((row) => row.policy === policy && row.values[measure] !== undefined && row.values.offeredPerS !== undefined)
      .toSorted((left, right) => (left.values.offeredPerS?.mean ?? 0) - (right.values.offeredPerS?.mean ?? 0));
    return {
      label: policy,
      points: own.map((row) => [row.values.offeredPerS?.mean ?? 0, row.values[measure]?.mean ?? 0] as const),
      hollow: own.map(({ collapsed }) => collapsed),
    };
  });

export const isMeasured = (rows: readonly SimulationRow[], measure: SimulationMeasure): boolean => rows.some((row) => (row.values[measure]?.mean ?? 0) > 0);

/** The distribution of the first token at the lowest, a middle and the highest load. */
export function ttftCharts(rows: readonly SimulationRow[]): readonly { readonly load: number; readonly lines: readonly Line[] }[] {
  const speeds = [...new Set(rows.map(({ speed }) => speed))].sort((left, right) => left - right);
  const shown = new Set([speeds[0], speeds[Math.floor(speeds.length / 2)], speeds.at(-1)]);
  return [...shown].flatMap((speed) => {
    const atSpeed = rows.filter((row) => row.speed === speed);
    const [first] = atSpeed;
    if (first === undefined) return [];
    const lines = policiesOf(rows).map((policy) => ({ label: policy, points: atSpeed.find((row) => row.policy === policy)?.ttftCurve ?? [] }));
    return { load: first.values.offeredPerS?.mean ?? 0, lines };
  });
}

/** Measures of which more is better; of the others less. */
const MORE_IS_BETTER: ReadonlySet<SimulationMeasure> = new Set(['withinSlo', 'goodputPerS', 'hitRate', 'outputTokensPerS']);

/** Whether a row has the best value of its load; nobody is best where all are equal. */
export function isBest(row: SimulationRow, rows: readonly SimulationRow[], measure: SimulationMeasure): boolean {
  const values = rows.filter(({ speed, collapsed }) => speed === row.speed && !collapsed).flatMap((each) => each.values[measure]?.mean ?? []);
  const own = row.values[measure]?.mean;
  if (own === undefined || row.collapsed || Math.max(...values) === Math.min(...values)) return false;
  return own === (MORE_IS_BETTER.has(measure) ? Math.max(...values) : Math.min(...values));
}

/** Whether a row begins the rows of another load, whose figure is then told once for all of them. */
export const isNewLoad = (row: SimulationRow, rows: readonly SimulationRow[]): boolean => rows[rows.indexOf(row) - 1]?.speed !== row.speed;
