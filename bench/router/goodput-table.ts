import type { PolicyResult } from '../../packages/platform/src/simulate/index.ts';
import type { GoodputLoad } from './goodput-loads.ts';

export interface GoodputTable {
  readonly policies: readonly string[];
  readonly seeds: readonly number[];
}

const OURS = 'maru';
/** Shares that differ by less count as equal. */
const EQUAL = 0.001;

/** Prints the share of requests within the SLO per policy and stage, means over seeds, then where `maru` wins, ties and loses. */
export function printGoodput(load: GoodputLoad, table: GoodputTable, print: (line: string) => void): void {
  print(load.title);
  print(row('within SLO, %', load.stages));
  const rows = new Map<string, readonly Cell[]>();
  for (const policy of table.policies) {
    const runs = table.seeds.map((seed) => load.run(policy, seed));
    const cells = load.stages.map((_, stage) => cellOf(runs.map((run) => run[stage])));
    rows.set(policy, cells);
    print(
      row(
        policy,
        cells.map(({ share }) => (share * 100).toFixed(1)),
      ),
    );
  }
  print(
    row(
      'spread of maru',
      (rows.get(OURS) ?? []).map(({ low, high }) => `±${((high - low) * 50).toFixed(1)}`),
    ),
  );
  printSecond('mean TTFT, ms', (cell) => cell.ttftMs.toFixed(0));
  printSecond('hit rate', (cell) => cell.hitRate.toFixed(2));
  verdict(load, rows, print);

  function printSecond(title: string, show: (cell: Cell) => string): void {
    print(row(title, load.stages));
    for (const [policy, cells] of rows) print(row(policy, cells.map(show)));
  }
}

interface Cell {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly goodPerS: number;
  readonly ttftMs: number;
  readonly hitRate: number;
}

function cellOf(results: readonly (PolicyResult | undefined)[]): Cell {
  const mean = (of: (result: PolicyResult) => number): number =>
    results.reduce((sum, result) => sum + (result === undefined ? 0 : of(result)), 0) / Math.max(1, results.length);
  const shares = results.map((result) => result?.withinSlo ?? 0);
  return {
    share: mean((result) => result.withinSlo ?? 0),
    low: Math.min(...shares),
    high: Math.max(...shares),
    goodPerS: mean((result) => result.goodputPerS ?? 0),
    ttftMs: mean((result) => result.ttftMs.mean ?? 0),
    hitRate: mean((result) => result.hitRate),
  };
}

/** Saturation is the rate at which the best of the other policies serves most requests per second within the SLO. */
function verdict(load: GoodputLoad, rows: ReadonlyMap<string, readonly Cell[]>, print: (line: string) => void): void {
  const others = [...rows].filter(([policy]) => policy !== OURS);
  const best = load.stages.map((_, stage) =>
    others.reduce((leader, [policy, cells]) => ((cells[stage]?.share ?? 0) > leader.share ? { policy, share: cells[stage]?.share ?? 0 } : leader), {
      policy: '',
      share: -1,
    }),
  );
  const offered = best.map(({ share }, stage) => share * (load.rates[stage] ?? 0));
  const saturation = load.rates[offered.indexOf(Math.max(...offered))] ?? 0;
  print(`saturation of the other policies at ${saturation.toFixed(1)} requests/s; stages from half of it on, share of ${OURS} less that of the best other:`);
  for (const [stage, name] of load.stages.entries()) {
    const ours = rows.get(OURS)?.[stage]?.share ?? 0;
    const leader = best[stage];
    if (leader === undefined) continue;
    const difference = ours - leader.share;
    const word = Math.abs(difference) < EQUAL ? 'tie ' : difference > 0 ? 'WIN ' : 'LOSS';
    const counted = (load.rates[stage] ?? 0) >= saturation / 2 ? '' : ' (below half of saturation)';
    print(
      `  ${name.padEnd(6)} ${word} ${(difference * 100).toFixed(1).padStart(6)} points against ${leader.policy} (${(leader.share * 100).toFixed(1)} %)${counted}`,
    );
  }
  print('');
}

const row = (name: string, cells: readonly string[]): string => name.padEnd(20) + cells.map((cell) => cell.padStart(8)).join('');
