import { PlatformError } from '@maru/api/errors';
import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker, randomPicker } from '../../policy/pickers.ts';
import type { Picker, Policy } from '../../policy/policy.ts';
import { PROFILE_SCORERS } from './profile-scorers.ts';

/** A profile as an EndpointPickerConfig of llm-d says it. */
export interface Profile {
  readonly name: string;
  /** Types out of `PROFILE_SCORERS`, each once. */
  readonly scorers: readonly { readonly type: string; readonly weight: number }[];
  readonly picker: 'max-score' | 'random' | 'weighted-random';
}

/** By chance, the better the likelier (weighted sampling of Efraimidis and Spirakis); without scores like `random`. */
const weightedRandomPicker: Picker = {
  name: 'weighted-random',
  pick: (totals, candidates, random) => {
    if (totals.every((total) => total <= 0)) return randomPicker.pick(totals, candidates, random);
    let best = 0;
    let bestKey = Number.NEGATIVE_INFINITY;
    for (const [index, total] of totals.entries()) {
      const key = total <= 0 ? Number.NEGATIVE_INFINITY : Math.log(Math.max(random(), Number.MIN_VALUE)) / total;
      if (key <= bestKey) continue;
      best = index;
      bestKey = key;
    }
    return best;
  },
};

const PICKERS = { 'max-score': maxScorePicker, random: randomPicker, 'weighted-random': weightedRandomPicker };

/** A policy with the scorers and weights of a profile. Throws `config_invalid` for a scorer that is not known. */
export function createProfilePolicy(profile: Profile): Policy {
  const scorers = profile.scorers.map(({ type, weight }) => {
    const scorer = Object.hasOwn(PROFILE_SCORERS, type) ? PROFILE_SCORERS[type] : undefined;
    if (scorer !== undefined) return { scorer, weight };
    throw new PlatformError('config_invalid', { message: `no scorer is called "${type}"; use one of: ${Object.keys(PROFILE_SCORERS).join(', ')}` });
  });
  return composePolicy({
    name: profile.name,
    scorers,
    picker: scorers.length === 0 ? randomPicker : PICKERS[profile.picker],
    explain: (chosen, request) => `holds ${chosen.cachedTokens} of ${request.promptTokens} tokens, ${chosen.waiting} waiting, ${chosen.inFlight} in flight`,
  });
}
