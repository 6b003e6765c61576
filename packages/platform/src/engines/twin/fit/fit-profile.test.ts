import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { type TwinProfile, twinProfile } from '../profile.ts';
import type { StepWork } from '../step-time.ts';
import { fitProfile, TIMING_FIELDS } from './fit-profile.ts';
import { type MeasuredTime, type Measurements, timeErrors } from './measured-time.ts';

const base = twinProfile('h100-llama-3.1-8b');
const hidden = fc.record({
  prefillTokensPerS: fc.double({ min: 8000, max: 80_000, noNaN: true }),
  attentionNsPerPair: fc.double({ min: 0.5, max: 6, noNaN: true }),
  weightReadMs: fc.double({ min: 2, max: 40, noNaN: true }),
  kvReadNsPerToken: fc.double({ min: 10, max: 300, noNaN: true }),
  perSequenceMs: fc.double({ min: 0.005, max: 0.2, noNaN: true }),
  stepOverheadMs: fc.double({ min: 0.2, max: 3, noNaN: true }),
  requestOverheadMs: fc.double({ min: 4, max: 30, noNaN: true }),
});

const decode = (decodeSequences: number, context: number): StepWork => ({
  prefillTokens: 0,
  attentionPairs: 0,
  decodeSequences,
  decodeContext: decodeSequences * context,
});
const prompt = (prefillTokens: number, context: number): StepWork => ({
  prefillTokens,
  attentionPairs: prefillTokens * (context + prefillTokens / 2),
  decodeSequences: 0,
  decodeContext: 0,
});
const WORKS: readonly StepWork[] = [
  ...[128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768].map((tokens) => prompt(tokens, 0)),
  ...[128, 512, 2048, 8192].flatMap((tokens) => [2048, 8192, 24_576].map((context) => prompt(tokens, context))),
  ...[1, 2, 4, 8, 16, 32, 64, 128, 256].flatMap((batch) => [512, 2048, 8192].map((context) => decode(batch, context))),
  ...[512, 2048].map((tokens) => ({ ...prompt(tokens, 1024), decodeSequences: 64, decodeContext: 64 * 2048 })),
];

/** What a machine with this profile would have measured. */
function measure(profile: TwinProfile, noise: () => number): readonly MeasuredTime[] {
  const times: MeasuredTime[] = WORKS.map((work, index) => ({ series: 'steps', name: `step ${index}`, steps: [work], requests: 0, measuredMs: 1 }));
  times.push({ series: 'ttft', name: 'a request', steps: [prompt(1000, 0)], requests: 1, measuredMs: 1 });
  times.push({ series: 'ttft', name: 'a long request', steps: [prompt(8192, 0), prompt(1808, 8192)], requests: 1, measuredMs: 1 });
  return timeErrors(profile, times).map(({ time, twinMs }) => ({ ...time, measuredMs: twinMs * (1 + noise()) }));
}

const file = (times: readonly MeasuredTime[]): Measurements => ({
  times,
  source: 'made up for a test',
  gpu: 'H1',
  title: 'A test',
  simulated: false,
  kvTokens: undefined,
});
const fit = (times: readonly MeasuredTime[]) => fitProfile({ measurements: file(times), base, name: 'fitted' });

describe('fitting a profile', () => {
  it('recovers every figure of a profile from what it predicts', () => {
    fc.assert(
      fc.property(hidden, (figures) => {
        const truth = measure({ ...base, ...figures }, () => 0);
        const { profile, kept } = fit(truth);

        expect(kept).toEqual([]);
        for (const field of TIMING_FIELDS) {
          // A figure is recovered to 2 %, or as far as it can be seen in any of the times at all.
          const swapped = timeErrors({ ...base, ...figures, [field]: profile[field] }, truth).map(({ error }) => Math.abs(error));
          expect(Math.min(Math.abs(profile[field] / figures[field] - 1) / 0.02, Math.max(...swapped) / 0.005), field).toBeLessThan(1);
        }
        expect(Math.max(...timeErrors(profile, truth).map(({ error }) => Math.abs(error)))).toBeLessThan(0.002);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('predicts as well as the noise of the measurements allows', () => {
    fc.assert(
      fc.property(hidden, fc.integer(), (figures, seed) => {
        const random = createRandom(seed);
        const truth = measure({ ...base, ...figures }, () => 0);
        const { profile } = fit(measure({ ...base, ...figures }, () => (random() - 0.5) * 0.06));

        // The noise is ±3 %, 1.5 % in the mean: the fit averages over it, and is nearer to the truth.
        const sizes = timeErrors(profile, truth).map(({ error }) => Math.abs(error));
        expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(0.015);
        expect(Math.max(...sizes)).toBeLessThan(0.06);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('never gives a figure below zero, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1e4, noNaN: true }), { minLength: WORKS.length, maxLength: WORKS.length }), (measured) => {
        const { profile } = fit(WORKS.map((work, index) => ({ series: 's', name: 'n', steps: [work], requests: 0, measuredMs: measured[index] ?? 1 })));

        for (const field of TIMING_FIELDS) expect(profile[field]).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(profile.prefillTokensPerS) && profile.prefillTokensPerS > 0).toBe(true);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('keeps what the measurements do not tell, and says what that is', () => {
    const { profile, kept } = fit([{ series: 'itl', name: 'one sequence', steps: [decode(1, 100)], requests: 0, measuredMs: 12 }]);

    expect(kept).toEqual(['attentionNsPerPair', 'requestOverheadMs']);
    expect([profile.attentionNsPerPair, profile.requestOverheadMs]).toEqual([base.attentionNsPerPair, base.requestOverheadMs]);
    expect(timeErrors(profile, [{ series: 'itl', name: '', steps: [decode(1, 100)], requests: 0, measuredMs: 12 }])[0]?.error).toBeCloseTo(0, 2);
  });

  it('says what the profile comes from, and never calls simulated times measured', () => {
    const times = measure(base, () => 0);

    expect(fit(times).profile).toMatchObject({
      name: 'fitted',
      status: 'measured',
      gpu: 'H1',
      source: expect.stringContaining('Made up for a test; fitted to') as string,
    });
    expect(fitProfile({ measurements: { ...file(times), simulated: true }, base, name: 'x' }).profile.status).toBe('simulated');
  });

  it('shows the base profile against the same times', () => {
    const { errors, baseErrors } = fit(measure({ ...base, weightReadMs: base.weightReadMs * 2 }, () => 0));

    expect(Math.max(...errors.map(({ error }) => Math.abs(error)))).toBeLessThan(0.01);
    expect(Math.min(...baseErrors.map(({ error }) => error))).toBeLessThan(-0.3);
  });

  it('refuses to fit to nothing', () => {
    expect(() => fit([])).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
