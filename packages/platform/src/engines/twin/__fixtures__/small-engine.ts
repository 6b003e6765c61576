import { type TwinMechanisms, twinMechanismsSchema } from '@maru/api/resources';
import { expect } from 'vitest';
import type { z } from 'zod';
import type { TwinCoreOptions } from '../engine-parts.ts';
import { twinProfile } from '../profile.ts';
import type { Sequence, SequenceOptions } from '../sequence.ts';
import { createTwinCore, type Step, type TwinCore } from '../twin-core.ts';

const profile = twinProfile('h100-llama-3.1-8b');

/** A small engine with these mechanisms: blocks of 4 tokens, 32 tokens a step, 8 sequences. */
export const coreWith = (mechanisms: z.input<typeof twinMechanismsSchema>, options: Partial<TwinCoreOptions> = {}): TwinCore =>
  createTwinCore({
    profile: { ...profile, mechanisms: twinMechanismsSchema.parse(mechanisms) satisfies TwinMechanisms },
    blockSize: 4,
    kvBlocks: 64,
    maxBatchedTokens: 32,
    maxNumSeqs: 8,
    ...options,
  });

export const ask = (core: TwinCore, options: Partial<SequenceOptions> & Pick<SequenceOptions, 'promptTokens' | 'outputTokens'>): Sequence =>
  core.add({ hashes: [], arrivalMs: 0, listener: { onToken: () => undefined, onFinish: () => undefined }, ...options });

/** Steps until there is nothing to do; fails when that takes too long. */
export function drain(core: TwinCore, look: (step: Step) => void = () => undefined): number {
  let nowMs = 0;
  for (let count = 0; count < 20_000; count += 1) {
    const step = core.step(nowMs);
    if (step === undefined) return nowMs;
    nowMs += step.durationMs;
    look(step);
  }
  return expect.fail('the engine does not come to an end');
}
