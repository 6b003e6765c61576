import { PROFILE_SCORERS } from '#router';

/** Pickers of the file and those of a profile. */
export const PICKERS = {
  'max-score-picker': 'max-score',
  'random-picker': 'random',
  'weighted-random-picker': 'weighted-random',
} as const;

/** Plug-ins whose work the picker does anyway, so that there is nothing to set. */
const BUILT_IN = [
  'single-profile-handler',
  'approx-prefix-cache-producer',
  'metrics-data-source',
  'core-metrics-extractor',
  'openai-parser',
  'inflight-load-producer',
  'precise-prefix-cache-producer',
];

/** Plug-ins of which only the parameters are read. */
const READ = ['utilization-detector'];

export const isScorer = (type: string): boolean => Object.hasOwn(PROFILE_SCORERS, type);
export const isPicker = (type: string): type is keyof typeof PICKERS => Object.hasOwn(PICKERS, type);
export const isKnownPlugin = (type: string): boolean => isScorer(type) || isPicker(type) || BUILT_IN.includes(type) || READ.includes(type);
