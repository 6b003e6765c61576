import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, resourceSchema } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { fromYaml } from '../from-yaml.ts';
import { lintManifests } from '../lint/lint-manifests.ts';
import type { KubeManifest } from '../manifest.ts';
import type { RenderOptions } from '../render-options.ts';
import { renderResources } from '../render-resources.ts';
import { toYaml } from '../to-yaml.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../../examples/dynamo');
const examples = readdirSync(EXAMPLES)
  .filter((name) => name !== 'README.md')
  .sort();
const exampleOf = (name: string): readonly Resource[] =>
  fromYaml(readFileSync(join(EXAMPLES, name, 'maru.yaml'), 'utf8')).map((object) => resourceSchema.parse(object));

const model = (serving: object): Resource =>
  resourceSchema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'm' },
    spec: { serving: { engine: 'dynamo', source: 'hf://Qwen/Qwen3-8B', ...serving } },
  });

const graphOf = (resources: readonly Resource[], options: RenderOptions = {}): KubeManifest => {
  const graph = renderResources({ resources, options }).objects.find(({ manifest }) => manifest.kind === 'DynamoGraphDeployment');
  if (graph === undefined) return expect.fail('no graph was rendered');
  return graph.manifest;
};

interface Main {
  args: string[];
  command: string[];
  image: string;
}
interface Part {
  name: string;
  type: string;
  replicas: number;
  podTemplate: { spec: { containers: (Main & { name: string; resources?: { limits?: object } })[] } };
}
const partsOf = (graph: KubeManifest): readonly Part[] => (graph['spec'] as { components: Part[] }).components;
const mainOf = (graph: KubeManifest, name: string): Main | undefined => partsOf(graph).find((part) => part.name === name)?.podTemplate.spec.containers[0];

/** All fields of a component of `v1beta1`; another one would be pruned by the API server without a word. */
const COMPONENT_FIELDS = ['name', 'type', 'replicas', 'podTemplate', 'multinode'];

describe('graph of Dynamo', () => {
  it.each(examples.flatMap((name) => [[name, 'v1beta1'] as const, [name, 'v1alpha1'] as const]))(
    'of the example %s in %s is as recorded',
    async (name, dynamoVersion) => {
      await expect(toYaml([graphOf(exampleOf(name), { dynamoVersion })])).toMatchFileSnapshot(`__golden__/${name}.${dynamoVersion}.yaml`);
    },
  );

  it('has the same parts in both versions', () => {
    for (const name of examples) {
      const parts = partsOf(graphOf(exampleOf(name)));
      const { services } = graphOf(exampleOf(name), { dynamoVersion: 'v1alpha1' })['spec'] as {
        services: Record<string, { replicas: number; extraPodSpec: { mainContainer: Main } }>;
      };

      expect(Object.entries(services).map(([part, { replicas, extraPodSpec }]) => [part, replicas, extraPodSpec.mainContainer.args])).toEqual(
        parts.map((part) => [part.name, part.replicas, part.podTemplate.spec.containers[0]?.args]),
      );
    }
  });

  it('has names that are unique without regard to case, and no field that the API does not know', () => {
    for (const name of examples) {
      const parts = partsOf(graphOf(exampleOf(name)));

      expect(new Set(parts.map((part) => part.name.toLowerCase())).size).toBe(parts.length);
      for (const part of parts) {
        expect(COMPONENT_FIELDS).toEqual(expect.arrayContaining(Object.keys(part)));
        expect(part.name).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$/);
        expect(part.podTemplate.spec.containers.map((container) => container.name)).toEqual(['main']);
      }
    }
  });

  it('passes the lint of this room', () => {
    for (const name of examples) expect(lintManifests([graphOf(exampleOf(name))]).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('gives GPUs to workers alone, and none to a simulated engine', () => {
    const limits = (name: string): (object | undefined)[] =>
      partsOf(graphOf(exampleOf(name))).map((part) => part.podTemplate.spec.containers[0]?.resources?.limits);

    expect(limits('vllm')).toEqual([undefined, { 'nvidia.com/gpu': '2' }]);
    expect(limits('hello-world')).toEqual([undefined, undefined]);
  });

  it('publishes what caches hold only where a router reads it and a prompt is computed', () => {
    const disaggregation = { prefillReplicas: 1, decodeReplicas: 1 };
    const events = (serving: object, part: string): boolean => mainOf(graphOf([model(serving)]), part)?.args.includes('--kv-events-config') === true;

    expect(events({}, 'Worker')).toBe(true);
    expect(events({ dynamo: { router: { mode: 'round-robin' } } }, 'Worker')).toBe(false);
    expect([events({ disaggregation }, 'PrefillWorker'), events({ disaggregation }, 'DecodeWorker')]).toEqual([true, false]);
  });

  it.each(['vllm', 'sglang', 'trtllm', 'mocker'])('splits the work of %s by its own flag', (backend) => {
    const graph = graphOf([model({ dynamo: { backend }, disaggregation: {} })]);

    for (const [part, role] of [
      ['PrefillWorker', 'prefill'],
      ['DecodeWorker', 'decode'],
    ] as const) {
      const { command, args } = mainOf(graph, part) ?? { command: [], args: [''] };
      expect(command).toEqual(['python3', '-m', `dynamo.${backend}`]);
      expect(args[args.indexOf('--disaggregation-mode') + 1]).toBe(role);
    }
  });

  it('has a planner where one is asked for', () => {
    const graph = graphOf([model({ dynamo: { planner: { loadEvery: '10s' } } })]);
    const args = mainOf(graph, 'Planner')?.args ?? [];

    expect(partsOf(graph).find((part) => part.name === 'Planner')).toMatchObject({ type: 'planner', replicas: 1 });
    expect(JSON.parse(args[1] ?? '')).toMatchObject({ backend: 'vllm', throughput_adjustment_interval_seconds: 60, load_adjustment_interval_seconds: 10 });
  });

  it('runs the image that the Model names', () => {
    expect(mainOf(graphOf([model({ image: 'registry/own:1' })]), 'Worker')?.image).toBe('registry/own:1');
  });

  it('spans nodes by pipeline parallelism', () => {
    expect(partsOf(graphOf([model({ parallelism: { tensor: 8, pipeline: 2 } })]))[1]).toMatchObject({ multinode: { nodeCount: 2 } });
  });

  it('takes settings of Dynamo for no other engine', () => {
    expect(() => model({ engine: 'vllm', dynamo: {} })).toThrow(/only the engine/);
  });
});
