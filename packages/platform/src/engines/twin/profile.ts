import { PlatformError } from '@maru/api/errors';
import data from './data/profiles.json' with { type: 'json' };

/** How fast one replica of a model on a kind of GPU is; every figure with its source in `data/profiles.json`. */
export interface TwinProfile {
  readonly name: string;
  readonly title: string;
  /** `published`: the main figures were measured by others; `estimated`: derived from data sheets. */
  readonly status: string;
  readonly source: string;
  readonly gpu: string;
  readonly gpusPerReplica: number;
  readonly prefillTokensPerS: number;
  /** Attention cost of one new token against one token of context, in nanoseconds. */
  readonly attentionNsPerPair: number;
  /** Time to read the weights once, which is the floor of a step. */
  readonly weightReadMs: number;
  /** Time to read the keys and values of one context token, in nanoseconds. */
  readonly kvReadNsPerToken: number;
  readonly perSequenceMs: number;
  readonly stepOverheadMs: number;
  /** Time before a request reaches the scheduler: HTTP, tokenizer, template. */
  readonly requestOverheadMs: number;
  readonly kvTokens: number;
  readonly maxModelLen: number;
}

const PROFILES: ReadonlyMap<string, TwinProfile> = new Map(data.profiles.map((profile) => [profile.name, Object.freeze(profile)]));

/** Names of all timing profiles. */
export const TWIN_PROFILES: readonly string[] = Object.freeze([...PROFILES.keys()]);

/** The timing profile of this name; throws `config_invalid` with the known names. */
export function twinProfile(name: string): TwinProfile {
  const profile = PROFILES.get(name);
  if (profile !== undefined) return profile;
  throw new PlatformError('config_invalid', {
    message: `no timing profile is called "${name}"; use one of: ${TWIN_PROFILES.join(', ')}`,
    details: { profile: name, known: TWIN_PROFILES },
  });
}
