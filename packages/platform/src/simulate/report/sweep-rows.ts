import type { CellResult, SweepCell } from '../sweep/sweep-plan.ts';
import type { PolicyResult } from './result.ts';
import { type Estimate, estimate } from './seed-statistics.ts';

/** One policy at one load on one fleet, over all seeds. */
export interface SweepRow extends Omit<SweepCell, 'seed'> {
  readonly seeds: number;
  /** Of one of its seeds, for what does not add up. */
  readonly sample: PolicyResult;
  readonly collapsed: boolean;
  readonly values: Readonly<Record<SweepMeasure, Estimate | undefined>>;
  /** Difference to the first policy, way to scale and flow control of the sweep at the same load, fleet and seeds, as a share of it. */
  readonly deltas: Readonly<Record<SweepMeasure, Estimate | undefined>>;
}

/** What a sweep compares; undefined where a result has none. */
const MEASURES = {
  offeredPerS: (result) => result.offeredPerS,
  refusedShare: (result) => (result.requests === 0 ? undefined : (result.rejected + result.shed) / result.requests),
  withinSlo: (result) => result.withinSlo ?? undefined,
  goodputPerS: (result) => result.goodputPerS ?? undefined,
  ttftMeanMs: (result) => result.ttftMs.mean ?? undefined,
  ttftP95Ms: (result) => result.ttftMs.p95 ?? undefined,
  itlMeanMs: (result) => result.itlMs.mean ?? undefined,
  hitRate: (result) => result.hitRate,
  imbalance: (result) => result.imbalance,
  outputTokensPerS: (result) => result.outputTokensPerS,
  usdPerMillionTokens: (result) => result.usdPerMillionTokens ?? undefined,
  gpuHours: (result) => result.fleet?.gpuHours,
  waitedShare: (result) => (result.flow === undefined || result.requests === 0 ? undefined : result.flow.waited / result.requests),
  waitMeanMs: (result) => result.flow?.waitMs.mean ?? undefined,
  waitP95Ms: (result) => result.flow?.waitMs.p95 ?? undefined,
  fairness: (result) => result.tenants?.fairness ?? undefined,
} satisfies Record<string, (result: PolicyResult) => number | undefined>;

export type SweepMeasure = keyof typeof MEASURES;
const NAMES = Object.keys(MEASURES) as readonly SweepMeasure[];

/** Puts the seeds of each combination together, in the order of the results. */
export function sweepRows(results: readonly CellResult[]): readonly SweepRow[] {
  const baseline = results[0]?.cell;
  const groups = Map.groupBy(results, ({ cell }) => groupKey(cell, cell));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { seed: _seed, ...rest } = first.cell;
    const base = groups.get(groupKey(first.cell, baseline ?? first.cell)) ?? [];
    return {
      ...rest,
      seeds: group.length,
      sample: first.result,
      collapsed: group.some(({ result }) => result.collapsed),
      values: record((name) => estimate(group.flatMap(({ result }) => MEASURES[name](result) ?? []))),
      deltas: record((name) => (base === group ? undefined : estimate(pairedDeltas(group, base, name)))),
    };
  });
}

/** What a row is called beside others: the policy, and the ways to scale and to control the flow where there are any. */
export const rowName = ({ policy, scaling, flow }: Pick<SweepRow, 'policy' | 'scaling' | 'flow'>): string =>
  [policy, ...(scaling === undefined ? [] : [scaling]), ...(flow === undefined ? [] : [`flow ${flow}`])].join(' · ');

/** The combination of a cell, with the policies of another one. */
const groupKey = (cell: SweepCell, { policy, scaling = '', flow = '' }: SweepCell): string =>
  [policy, scaling, flow, cell.rateScale, cell.replicas, cell.kvBlocks].join(' ');

const record = (of: (name: SweepMeasure) => Estimate | undefined): Readonly<Record<SweepMeasure, Estimate | undefined>> =>
  Object.fromEntries(NAMES.map((name) => [name, of(name)])) as Record<SweepMeasure, Estimate | undefined>;

/** Seed by seed: what chance does to both is not counted as a difference. */
function pairedDeltas(group: readonly CellResult[], base: readonly CellResult[], name: SweepMeasure): readonly number[] {
  return group.flatMap(({ cell, result }) => {
    const other = base.find((each) => each.cell.seed === cell.seed);
    const [own, theirs] = [MEASURES[name](result), other === undefined ? undefined : MEASURES[name](other.result)];
    return own === undefined || theirs === undefined || theirs === 0 ? [] : [own / theirs - 1];
  });
}
