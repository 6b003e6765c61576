import { newSimulationSchema } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { EMPTY_SIMULATION, readSimulationForm, type SimulationForm } from './simulation-form.ts';

const LIMITS = { combinations: 100, requests: 100_000, uploads: 10, uploadBytes: 1, kept: 1 };
const read = (more: Partial<SimulationForm> = {}) => readSimulationForm({ ...EMPTY_SIMULATION, trace: 'made:rag', ...more }, LIMITS);

describe('form of a simulation', () => {
  it('begins with what the server takes', () => {
    expect(newSimulationSchema.parse(read().request)).toMatchObject({ speeds: [1, 2, 4], replicas: [4], requests: 1000, seeds: 1 });
    expect(read().combinations).toBe(12);
  });

  it('takes the same number once', () => {
    expect(read({ speeds: '1, 1.0, 2' }).request?.speeds).toEqual([1, 2]);
  });

  it.each([
    ['requests', { requests: '1.5' }],
    ['perSecond', { perSecond: '0' }],
    ['speeds', { speeds: '1,,2' }],
    ['speeds', { speeds: 'fast' }],
    ['replicas', { replicas: '2, 2.5' }],
    ['seeds', { seeds: '' }],
    ['ttftMs', { ttftMs: '-1' }],
    ['policies', { policies: [] }],
    ['policies', { seeds: '10' }],
    ['policies', { requests: '50000' }],
  ] as const)('names what is wrong with %s', (field, more) => {
    expect(Object.keys(read(more).wrong)).toEqual([field]);
    expect(read(more).request).toBeUndefined();
  });

  it('waits for a trace', () => {
    expect(read({ trace: '' }).request).toBeUndefined();
  });
});
