import type { Candidate, Picker } from './policy.ts';

/** The highest total; equal ones share by chance, so that several routers do not all pick the same. */
export const maxScorePicker: Picker = {
  name: 'max-score',
  pick: (totals, _candidates, random) => {
    let best = 0;
    let ties = 1;
    for (let index = 1; index < totals.length; index += 1) {
      const difference = (totals[index] ?? 0) - (totals[best] ?? 0);
      if (difference > 0) {
        best = index;
        ties = 1;
      } else if (difference === 0) {
        ties += 1;
        if (random() * ties < 1) best = index;
      }
    }
    return best;
  },
};

/** The highest total; equal ones by the shortest queue, then by their order. */
export const firstBestPicker: Picker = {
  name: 'first-best',
  pick: (totals, candidates) => {
    const queueOf = (index: number): number => candidates[index]?.queueMs ?? 0;
    let best = 0;
    for (let index = 1; index < totals.length; index += 1) {
      const difference = (totals[index] ?? 0) - (totals[best] ?? 0);
      if (difference > 0 || (difference === 0 && queueOf(index) < queueOf(best))) best = index;
    }
    return best;
  },
};

/** Any of them, each with the same chance. */
export const randomPicker: Picker = {
  name: 'random',
  pick: (totals, _candidates, random) => Math.min(totals.length - 1, Math.floor(random() * totals.length)),
};

/** One after the other, in the order given. */
export function createTurnPicker(): Picker {
  let turn = -1;
  return {
    name: 'turn',
    pick: (_totals, candidates: readonly Candidate[]) => {
      turn = (turn + 1) % candidates.length;
      return turn;
    },
  };
}
