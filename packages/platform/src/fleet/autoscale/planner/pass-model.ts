import { solve } from './solve.ts';

interface Pass {
  readonly prefillTokens: number;
  readonly decodeTokens: number;
  readonly wallMs: number;
}

/** How long a pass of an engine takes, as a plane over what it computes, through the last passes that were seen. */
export interface PassModel {
  observe(pass: Pass): void;
  wallMs(prefillTokens: number, decodeTokens: number): number;
  /** Of any pass that is remembered. */
  mostPrefillTokens(): number;
}

const MOST = 64;
/** Holds the plane level where all passes are alike. */
const RIDGE = 1e-6;
/** Tokens are counted in thousands, so that the ridge weighs alike on all of them. */
const THOUSAND = 1000;

export function createPassModel(): PassModel {
  const passes: Pass[] = [];
  let weights: readonly number[] | undefined;

  const fit = (): readonly number[] => {
    const sums = [0, 1, 2].map(() => [0, 0, 0]);
    const right = [0, 0, 0];
    for (const { prefillTokens, decodeTokens, wallMs } of passes) {
      const row = [1, prefillTokens / THOUSAND, decodeTokens / THOUSAND];
      for (let i = 0; i < 3; i += 1) {
        right[i] = (right[i] ?? 0) + (row[i] ?? 0) * wallMs;
        const line = sums[i] ?? [];
        for (let j = 0; j < 3; j += 1) line[j] = (line[j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0);
      }
    }
    return solve(sums, right, RIDGE);
  };

  return {
    observe: (pass) => {
      passes.push(pass);
      if (passes.length > MOST) passes.shift();
      weights = undefined;
    },
    wallMs: (prefillTokens, decodeTokens) => {
      if (passes.length === 0) return 0;
      weights ??= fit();
      const [base = 0, prefill = 0, decode = 0] = weights;
      // Fewer tokens never take longer: a slope that chance has turned round is none.
      return Math.max(0, base) + (Math.max(0, prefill) * prefillTokens + Math.max(0, decode) * decodeTokens) / THOUSAND;
    },
    mostPrefillTokens: () => passes.reduce((most, pass) => Math.max(most, pass.prefillTokens), 0),
  };
}
