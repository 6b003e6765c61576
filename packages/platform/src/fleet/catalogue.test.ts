import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ARCHITECTURES, FACTORS, INSTANCES } from './catalogue.ts';
import { architectureSchema, gpuSchema, instanceSchema } from './catalogue-schemas.ts';
import awsFile from './data/aws-accelerators.json' with { type: 'json' };
import gpusFile from './data/gpus.json' with { type: 'json' };
import modelsFile from './data/models.json' with { type: 'json' };

describe('catalogue', () => {
  it('has only sound figures in its files', () => {
    expect(z.array(architectureSchema).parse(modelsFile.models)).toEqual(modelsFile.models);
    expect(z.array(gpuSchema).parse(gpusFile.gpus)).toEqual(gpusFile.gpus);
    expect(z.array(instanceSchema).parse(awsFile.instances)).toEqual(awsFile.instances);
  });

  it('gives every model a list of other names', () => {
    expect(ARCHITECTURES.length).toBe(modelsFile.models.length);
    expect(ARCHITECTURES.every((model) => Array.isArray(model.aliases))).toBe(true);
  });

  it('plans only with instances whose price and GPU are known', () => {
    expect(INSTANCES.length).toBeGreaterThan(20);
    expect(INSTANCES.every((instance) => instance.onDemandNanoUsdPerHour > 0 && instance.gpu.hbmTBps > 0)).toBe(true);
    expect(Object.values(FACTORS).every((factor) => Number.isFinite(factor))).toBe(true);
  });
});
