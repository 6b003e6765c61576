import { describe, expect, it } from 'vitest';
import type { RouterLoad } from '../ports.ts';
import { type OwnLoad, type SaturationSettings, saturationOf } from './saturation.ts';

const SETTINGS: SaturationSettings = { queueDepth: 5, kvUse: 0.95 };

const saturation = (load: Partial<RouterLoad>, own: Partial<OwnLoad> = {}, more: { settings?: SaturationSettings; kvTokens?: number } = {}): number =>
  saturationOf(
    { running: 0, waiting: 0, ...load },
    { inFlight: 0, prefilling: 0, uncachedTokens: 0, batch: undefined, ...own },
    { settings: SETTINGS, kvTokens: undefined, ...more },
  );

describe('saturation of an endpoint that reports', () => {
  it('is reached by its queue or by its memory', () => {
    expect(saturation({ reports: 'fresh', running: 40, waiting: 4, kvUse: 0.5 })).toBeCloseTo(0.8);
    expect(saturation({ reports: 'fresh', running: 40, waiting: 5 })).toBe(1);
    expect(saturation({ reports: 'fresh', running: 40, kvUse: 0.96 })).toBeGreaterThan(1);
  });

  it('counts what was sent since its report', () => {
    expect(saturation({ reports: 'fresh', running: 8, waiting: 2 }, { inFlight: 14, prefilling: 6 })).toBe(1.2);
    // A batch that is not full takes them.
    expect(saturation({ reports: 'fresh', running: 8 }, { inFlight: 14, prefilling: 6 })).toBe(0);
    expect(saturation({ reports: 'fresh' }, { inFlight: 300, prefilling: 300 })).toBeGreaterThan(1);
  });

  it('does not take answers that are still sent to slow clients for a queue', () => {
    expect(saturation({ reports: 'fresh', running: 8, waiting: 1 }, { inFlight: 60, prefilling: 1 })).toBeCloseTo(0.2);
  });

  it('counts prompts that were sent against its memory', () => {
    expect(saturation({ reports: 'fresh', running: 1, kvUse: 0.1 }, { inFlight: 3, uncachedTokens: 9600 }, { kvTokens: 10_000 })).toBeGreaterThan(1);
  });

  it('is never reached with nothing to do', () => {
    expect(saturation({ reports: 'fresh', kvUse: 1 })).toBe(0);
  });
});

describe('saturation of an endpoint whose report is stale', () => {
  it('goes by its own requests and what it was seen to take, so that it neither stops nor floods', () => {
    expect(saturation({ reports: 'stale', running: 10 }, { inFlight: 10, batch: 16 })).toBeLessThan(1);
    expect(saturation({ reports: 'stale', running: 21 }, { inFlight: 21, batch: 16 })).toBe(1);
    expect(saturation({ reports: 'stale', running: 200 }, { inFlight: 200 })).toBeLessThan(1);
    expect(saturation({ reports: 'stale', running: 261 }, { inFlight: 261 })).toBe(1);
  });
});

describe('saturation of an endpoint that never reports', () => {
  it('is only reached where its Model says how much it takes', () => {
    expect(saturation({ running: 5000 }, { inFlight: 5000 })).toBe(0);
    expect(saturation({ running: 8 }, { inFlight: 8 }, { settings: { ...SETTINGS, concurrency: 8 } })).toBe(1);
  });
});
