import { estimate } from '../../packages/platform/src/simulate/index.ts';
import type { GoodputLoad } from './goodput-loads.ts';

/** Per policy, per rate, per seed: the share of requests within the SLO. */
export type SharesOf = ReadonlyMap<string, readonly (readonly number[])[]>;

export interface GoodputTable {
  readonly load: GoodputLoad;
  readonly policies: readonly string[];
  readonly shares: SharesOf;
  readonly print: (line: string) => void;
}

const OURS = 'maru';

/** Prints means and intervals per policy and rate, then the distance of `maru` from the best of the others. */
export function printGoodput({ load, policies, shares, print }: GoodputTable): void {
  print(`${load.title}; share of requests within the SLO in %, 95 % interval over ${shares.get(policies[0] ?? '')?.[0]?.length ?? 0} seeds`);
  print(
    row(
      'policy',
      load.rates.map((rate) => `${rate}`),
    ),
  );
  for (const policy of policies) print(row(policy, (shares.get(policy) ?? []).map(cell)));
  const best = load.rates.map((_, place) => Math.max(...policies.filter((policy) => policy !== OURS).map((policy) => mean(shares, policy, place))));
  print(
    row(
      'maru less the best',
      best.map((share, place) => ((mean(shares, OURS, place) - share) * 100).toFixed(1)),
    ),
  );
  const served = best.map((share, place) => share * (load.rates[place] ?? 0));
  print(`the others serve most within the SLO at ${load.rates[served.indexOf(Math.max(...served))]}\n`);
}

const mean = (shares: SharesOf, policy: string, place: number): number => estimate(shares.get(policy)?.[place] ?? [])?.mean ?? 0;

function cell(values: readonly number[]): string {
  const { mean: share, plusMinus } = estimate(values) ?? { mean: 0, plusMinus: null };
  return `${(share * 100).toFixed(1)}${plusMinus === null ? '' : ` ±${(plusMinus * 100).toFixed(1)}`}`;
}

const row = (name: string, cells: readonly string[]): string => name.padEnd(20) + cells.map((text) => text.padStart(12)).join('');
