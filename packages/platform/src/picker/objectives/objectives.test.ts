import { describe, expect, it } from 'vitest';
import { createMemoryKube } from '#kube';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { followObjectives } from './cluster-objectives.ts';
import { readObjectives } from './read-objectives.ts';

const objective = (name: string, spec: string, version = 'llm-d.ai/v1alpha2') =>
  `apiVersion: ${version}\nkind: InferenceObjective\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

describe('InferenceObjectives of a file', () => {
  it('give priorities by name, 0 where none is set', () => {
    const text = [
      objective('high', '{priority: 10, poolRef: {name: p}}'),
      objective('usual', '{}'),
      objective('batch', '{priority: -5}', 'inference.networking.x-k8s.io/v1alpha2'),
    ].join('---\n');

    expect([...readObjectives(text, 'o.yaml')]).toEqual([
      ['high', 10],
      ['usual', 0],
      ['batch', -5],
    ]);
  });

  it.each([
    [`${objective('a', '{}')}---\n${objective('b', '{priority: much}')}`, 'o.yaml:6: spec.priority: '],
    ['kind: Pod\n', 'o.yaml:1: apiVersion: '],
    ['a: [', 'o.yaml:1: '],
  ])('are refused with their place: %j', (text, message) => {
    expect(() => readObjectives(text, 'o.yaml')).toThrow(message);
  });
});

describe('InferenceObjectives of a cluster', () => {
  it('are followed while they change', async () => {
    const clock = createFakeClock();
    const kube = createMemoryKube({ ids: createSeededIds(), nowMs: clock.nowMs });
    const objectives = followObjectives('ai', { kube, clock, random: () => 0.5, log: silentLog });
    const object = (priority: unknown) => ({
      apiVersion: 'llm-d.ai/v1alpha2',
      kind: 'InferenceObjective',
      metadata: { name: 'batch', namespace: 'ai' },
      spec: { priority },
    });
    await kube.apply(object(-1), { fieldManager: 'test' });
    await expect.poll(() => objectives.priorityOf('batch')).toBe(-1);
    await kube.apply(object(7), { fieldManager: 'test' });
    await expect.poll(() => objectives.priorityOf('batch')).toBe(7);
    await kube.apply(object('broken'), { fieldManager: 'test' });
    await expect.poll(() => objectives.priorityOf('batch')).toBeUndefined();
    await objectives.close();
  });
});
