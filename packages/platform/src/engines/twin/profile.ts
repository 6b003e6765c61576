import { PlatformError } from '@maru/api/errors';
import { type Model, type TwinMechanisms, twinMechanismsSchema } from '@maru/api/resources';
import { z } from 'zod';
import { readDocument } from '#resources';
import data from './data/profiles.json' with { type: 'json' };

const text = z.string().min(1);
const size = z.number().positive();
const part = z.number().nonnegative();

const profileSchema = z.strictObject({
  name: text,
  title: text,
  status: z.enum(['published', 'estimated', 'measured', 'simulated', 'given']),
  source: text,
  gpu: text,
  gpusPerReplica: z.number().int().positive(),
  prefillTokensPerS: size,
  attentionNsPerPair: part,
  weightReadMs: part,
  kvReadNsPerToken: part,
  perSequenceMs: part,
  stepOverheadMs: part,
  requestOverheadMs: part,
  kvTokens: z.number().int().positive(),
  maxModelLen: z.number().int().positive(),
  mechanisms: twinMechanismsSchema.optional(),
});

/** How fast one replica of a model on a kind of GPU is; every figure with its source in `data/profiles.json`. */
export interface TwinProfile {
  readonly name: string;
  readonly title: string;
  /**
   * `published`: the main figures were measured by others; `estimated`: derived from data sheets; `measured`: fitted to times that
   * were measured; `simulated`: fitted to another twin; `given`: set in a Model.
   */
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
  /** What the engine does beside batching and caching prefixes. */
  readonly mechanisms?: TwinMechanisms | undefined;
}

const PROFILES: ReadonlyMap<string, TwinProfile> = new Map(data.profiles.map((profile) => [profile.name, Object.freeze(profileSchema.parse(profile))]));

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

/** Reads a profile in JSON or YAML, as `maru twin fit --out` writes it; throws `config_invalid` with file, line and the field that is missing or wrong. */
export const parseTwinProfile = (text: string, file: string): TwinProfile => Object.freeze(readDocument(text, profileSchema, file));

type Timing = NonNullable<NonNullable<NonNullable<Model['spec']['serving']>['twin']>['timing']>;

/** A profile with the figures that a Model gives in their place. */
export function withTiming(profile: TwinProfile, timing: Timing | undefined): TwinProfile {
  if (timing === undefined || Object.keys(timing).length === 0) return profile;
  const given = Object.fromEntries(Object.entries(timing).filter(([, value]) => value !== undefined)) as Partial<TwinProfile>;
  return Object.freeze({ ...profile, ...given, status: 'given', source: `${Object.keys(given).join(', ')} as set in the Model; the rest of ${profile.name}` });
}

/** A profile with the mechanisms that a Model gives in the place of its own, one by one. */
export function withMechanisms(profile: TwinProfile, mechanisms: TwinMechanisms | undefined): TwinProfile {
  if (mechanisms === undefined || Object.keys(mechanisms).length === 0) return profile;
  return Object.freeze({ ...profile, mechanisms: { ...profile.mechanisms, ...mechanisms } });
}
