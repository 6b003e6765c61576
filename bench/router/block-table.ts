import { simulateTrace, type Trace } from '../../packages/platform/src/simulate/index.ts';
import { PUBLISHED, type PublishedRow } from './published-table.ts';

const COLUMNS = ['random', 'round-robin', 'least-backlog', 'greedy-prefix', 'least-work'] as const;
const SEEDS = [1, 2, 3, 4, 5] as const;

/** Published cells that their own definition does not give; an independent replay confirms the value here. */
const EXPLAINED: Readonly<Record<string, string>> = { '2000 round-robin': 'the exact imbalance is 1.0448, which is 1.04 when it is rounded once' };

/** Prints our table beside the published one; returns the number of cells that differ without an explanation. */
export function printBlockTable(trace: Trace, print: (line: string) => void): number {
  let different = 0;
  const show = (cell: string, published: string, place = ''): string => {
    if (cell === published) return `${cell.padEnd(12)} OK`;
    const explained = EXPLAINED[place];
    if (explained === undefined) different += 1;
    return `${cell.padEnd(12)} DIFF (published ${published}${explained === undefined ? '' : `; ${explained}`})`;
  };
  for (const row of PUBLISHED) {
    print(row.title);
    for (const policy of COLUMNS) {
      const cell = cellOf(trace, row, policy);
      const line =
        policy === 'random' && cell !== row.random
          ? `${cell.padEnd(12)} CHANCE (published ${row.random}, one draw of another generator)`
          : show(cell, row[policy], `${row.capacity} ${policy}`);
      print(`  ${policy.padEnd(15)} ${line}`);
    }
    print(`  ${'maru'.padEnd(15)} ${cellOf(trace, row, 'maru')} (not published)`);
    const { blocks } = simulateTrace({ trace, replicas: 8, policies: ['random'], noTiming: true, kvBlocks: row.capacity });
    print(`  ${'pooled bound'.padEnd(15)} ${show(rate(blocks[0]?.pooledHitRate ?? 0), row.pooled)}`);
    print(`  ${randomRange(trace, row)}`);
  }
  return different;
}

function cellOf(trace: Trace, row: PublishedRow, policy: (typeof COLUMNS)[number] | 'maru'): string {
  const { blocks } = simulateTrace({ trace, replicas: 8, policies: [policy], noTiming: true, kvBlocks: row.capacity, seed: 1 });
  const cell = blocks[0]?.cells[0] ?? { hitRate: 0, imbalance: 0 };
  return `${rate(cell.hitRate)} (${cell.imbalance.toFixed(policy === 'greedy-prefix' ? 1 : 2)})`;
}

function randomRange(trace: Trace, row: PublishedRow): string {
  const rates = SEEDS.map(
    (seed) => simulateTrace({ trace, replicas: 8, policies: ['random'], noTiming: true, kvBlocks: row.capacity, seed }).blocks[0]?.cells[0]?.hitRate ?? 0,
  );
  const [low, high] = row.randomRange;
  return `random over seeds ${SEEDS.join(', ')}: ${rate(Math.min(...rates))}-${rate(Math.max(...rates))}, published over five seeds: ${rate(low)}-${rate(high)}`;
}

const rate = (value: number): string => value.toFixed(3).slice(1);
