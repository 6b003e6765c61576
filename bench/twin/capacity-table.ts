import type { PolicyResult } from '../../packages/platform/src/simulate/index.ts';
import { type CapacityExperiment, type PublishedPoint, published, runCapacity } from './capacity.ts';
import type { LlmdStrategy } from './llm-d-placement.ts';

const STRATEGIES: readonly LlmdStrategy[] = ['precise', 'estimated', 'random', 'load'];
/** A queue that grows for the whole stage: there, a small error of the rate is a large one of the wait. */
const COLLAPSED_TTFT_S = 2;
const GOALS = { outputTokensPerS: 0.1, ttftMeanS: 0.2 };
/** Published figures nearer to each other than this are not an order. */
const TIE = 0.05;

interface Point {
  readonly strategy: LlmdStrategy;
  readonly published: PublishedPoint;
  readonly twin: PublishedPoint;
}

/** Prints every point of a published experiment beside the twin's, and how many are within the goals. */
export function printCapacity(experiment: CapacityExperiment, print: (line: string) => void): void {
  const table = published(experiment);
  const results = new Map(STRATEGIES.map((strategy) => [strategy, runCapacity(experiment, strategy, 1)]));
  const rows = (strategy: LlmdStrategy) => table.policies[strategy];
  // The client, the gateway and the picker stand before the engine: one figure for the whole experiment, set on its first point.
  const waySeconds = Math.max(0, (rows('precise')[0]?.ttftMeanS ?? 0) - (results.get('precise')?.[0]?.ttftMs.mean ?? 0) / 1000);
  const points = STRATEGIES.flatMap((strategy) =>
    rows(strategy).map((row, index): Point => ({ strategy, published: row, twin: pointOf(row.ratePerS, results.get(strategy)?.[index], waySeconds) })),
  );

  print(`llm-d ${experiment.name}: ${experiment.replicas} pods of ${experiment.profile.title}; ${table.source}`);
  print(`  the way to the engine takes ${waySeconds.toFixed(2)} s, set on the first point; time between tokens is counted as published, twice per token`);
  print(line(['strategy', 'rate/s', 'tokens/s', 'twin', 'error', 'ttft s', 'twin', 'error', 'itl ms', 'twin']));
  for (const { strategy, published: real, twin } of points) {
    const ttftError = real.ttftMeanS > COLLAPSED_TTFT_S ? 'queue' : mark(twin.ttftMeanS / real.ttftMeanS - 1, GOALS.ttftMeanS);
    print(
      line([
        strategy,
        String(real.ratePerS),
        real.outputTokensPerS.toFixed(0),
        twin.outputTokensPerS.toFixed(0),
        mark(twin.outputTokensPerS / real.outputTokensPerS - 1, GOALS.outputTokensPerS),
        real.ttftMeanS.toFixed(2),
        twin.ttftMeanS.toFixed(2),
        ttftError,
        (real.itlMeanS * 1000).toFixed(0),
        (twin.itlMeanS * 1000).toFixed(0),
      ]),
    );
  }
  const calm = points.filter(({ published: real }) => real.ttftMeanS <= COLLAPSED_TTFT_S);
  const within = (list: readonly Point[], of: 'outputTokensPerS' | 'ttftMeanS'): string =>
    `${list.filter(({ published: real, twin }) => Math.abs(twin[of] / real[of] - 1) <= GOALS[of]).length} of ${list.length}`;
  const pairs = orderPairs(points);
  print(
    `  output throughput within 10 %: ${within(points, 'outputTokensPerS')} points; mean TTFT within 20 % where no queue collapses: ${within(calm, 'ttftMeanS')}`,
  );
  print(`  order of two strategies at one rate by throughput, where they differ by more than 5 %: ${pairs.right} of ${pairs.all} right${pairs.wrong}`);
  print('');
}

function pointOf(ratePerS: number, result: PolicyResult | undefined, waySeconds: number): PublishedPoint {
  return {
    ratePerS,
    outputTokensPerS: result?.outputTokensPerS ?? 0,
    ttftP90S: (result?.ttftMs.p90 ?? 0) / 1000 + waySeconds,
    ttftMeanS: (result?.ttftMs.mean ?? 0) / 1000 + waySeconds,
    // Every row has a median of 0.0000: half of the intervals that were counted lie between two parts of one token.
    itlMeanS: (result?.itlMs.mean ?? 0) / 2000,
  };
}

function orderPairs(points: readonly Point[]): { readonly right: number; readonly all: number; readonly wrong: string } {
  const wrong: string[] = [];
  let all = 0;
  for (const [index, left] of points.entries()) {
    for (const right of points.slice(index + 1)) {
      if (left.published.ratePerS !== right.published.ratePerS) continue;
      const real = left.published.outputTokensPerS / right.published.outputTokensPerS;
      if (Math.abs(real - 1) <= TIE) continue;
      all += 1;
      if (real > 1 !== left.twin.outputTokensPerS > right.twin.outputTokensPerS) wrong.push(`${left.strategy}/${right.strategy} at ${left.published.ratePerS}`);
    }
  }
  return { right: all - wrong.length, all, wrong: wrong.length === 0 ? '' : `; wrong: ${wrong.join(', ')}` };
}

/** An error, with a star where it misses the goal. */
const mark = (error: number, goal: number): string => `${error > 0 ? '+' : ''}${(error * 100).toFixed(0)}%${Math.abs(error) > goal ? '*' : ' '}`;

const line = (cells: readonly string[]): string => `  ${cells.map((cell, index) => (index === 0 ? cell.padEnd(10) : cell.padStart(9))).join(' ')}`;
