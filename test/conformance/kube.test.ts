import { createMemoryKube } from '../../packages/platform/src/kube/index.ts';
import { createSeededIds } from '../../packages/platform/src/time/index.ts';
import { kubeConformance } from './kube.ts';

kubeConformance('in memory', async () => {
  const kube = createMemoryKube({ ids: createSeededIds(), nowMs: () => 1_800_000_000_000 });
  return { kube, namespace: 'conformance', close: () => kube.close() };
});
