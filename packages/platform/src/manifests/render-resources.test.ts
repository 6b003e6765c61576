import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, resourceSchema } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { lintManifests } from './lint/lint-manifests.ts';
import type { KubeManifest } from './manifest.ts';
import { renderResources } from './render-resources.ts';
import { toCommentedYaml, toYaml } from './to-yaml.ts';

const QUICKSTART = join(import.meta.dirname, '../../../../examples/quickstart');
const quickstart = (): readonly Resource[] =>
  readdirSync(QUICKSTART)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(QUICKSTART, file), 'utf8')).map((document) => resourceSchema.parse(document.toJS())));

const resource = (kind: string, name: string, spec: object): Resource =>
  resourceSchema.parse({ apiVersion: 'maru.dev/v1alpha1', kind, metadata: { name }, spec });
const model = (name: string, serving: object): Resource => resource('Model', name, { serving: { engine: 'vllm', source: 'hf://Qwen/Qwen3-8B', ...serving } });
const render = (...resources: readonly Resource[]): readonly KubeManifest[] => renderResources({ resources }).objects.map((object) => object.manifest);
const find = (objects: readonly KubeManifest[], kind: string): KubeManifest => {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} among ${objects.map((object) => object.kind).join(', ')}`);
  return found;
};
const container = (object: KubeManifest, path = 'template'): Record<string, unknown> => {
  const spec = object['spec'] as Record<string, { spec: { containers: Record<string, unknown>[] } }>;
  return spec[path]?.spec.containers[0] ?? {};
};

describe('renderResources', () => {
  it('renders the quickstart as recorded', async () => {
    const { objects, notes } = renderResources({ resources: quickstart() });
    await expect(toCommentedYaml(objects)).toMatchFileSnapshot('__golden__/quickstart.yaml');
    await expect(`${notes.map((note) => `${note.origin}: ${note.message}`).join('\n')}\n`).toMatchFileSnapshot('__golden__/quickstart.notes.txt');
  });

  it('renders an autoscaled vLLM model on a pool as recorded', async () => {
    const pool = resource('GpuPool', 'h100', { instanceTypes: ['p5.48xlarge'], limits: { gpus: 16 } });
    const served = model('llama-3.1-8b', {
      replicas: 2,
      gpu: { pool: 'h100', kind: 'H100', count: 2 },
      parallelism: { tensor: 2 },
      autoscaling: { maxReplicas: 4 },
      maxModelLen: 32_768,
    });
    await expect(toYaml(render(pool, served))).toMatchFileSnapshot('__golden__/vllm-autoscaled.yaml');
  });

  it('renders a model over two nodes as recorded', async () => {
    await expect(toYaml(render(model('llama-405b', { parallelism: { tensor: 8, pipeline: 2 } })))).toMatchFileSnapshot('__golden__/vllm-two-nodes.yaml');
  });

  it('gives the same bytes for the same resources', () => {
    expect(toYaml(render(...quickstart()))).toBe(toYaml(render(...quickstart())));
  });

  it('makes nothing that its own lint calls an error', () => {
    const objects = render(
      ...quickstart(),
      model('tuned', { autoscaling: { minReplicas: 0, maxReplicas: 3 }, replicas: 3 }),
      model('wide', { parallelism: { tensor: 8, pipeline: 2 } }),
    );
    expect(lintManifests(objects).filter((finding) => finding.severity === 'error')).toEqual([]);
  });

  it('marks simulated engines and gives them no GPU', () => {
    const deployment = find(render(resource('Model', 'sim', { serving: { engine: 'twin', gpu: { count: 4 } } })), 'Deployment');
    expect(deployment.metadata.labels).toMatchObject({ 'maru.dev/simulated': 'true' });
    expect(JSON.stringify(deployment)).not.toContain('nvidia.com/gpu');
  });

  it('leaves replicas to the autoscaler', () => {
    const objects = render(model('m', { autoscaling: { maxReplicas: 4 } }));
    expect((find(objects, 'Deployment')['spec'] as { replicas?: number }).replicas).toBeUndefined();
    expect(find(objects, 'ScaledObject')['spec']).toMatchObject({ minReplicaCount: 1, maxReplicaCount: 4 });
  });

  it('sets a cooldown only where a model may go to zero', () => {
    const cooldown = (minReplicas: number): unknown =>
      (find(render(model('m', { autoscaling: { minReplicas, maxReplicas: 4 } })), 'ScaledObject')['spec'] as { cooldownPeriod?: number }).cooldownPeriod;
    expect([cooldown(0), cooldown(1)]).toEqual([300, undefined]);
  });

  it.each([
    ['vllm', ['vllm', 'serve'], ['Qwen/Qwen3-8B', '--served-model-name=m', '--port=8000', '--tensor-parallel-size=2', '--enable-prefix-caching']],
    [
      'sglang',
      ['python3', '-m', 'sglang.launch_server'],
      ['--model-path=Qwen/Qwen3-8B', '--served-model-name=m', '--host=0.0.0.0', '--port=8000', '--tp-size=2', '--enable-metrics'],
    ],
    ['tensorrt-llm', ['trtllm-serve'], ['Qwen/Qwen3-8B', '--host=0.0.0.0', '--port=8000', '--tp_size=2']],
  ])('starts %s by its own command line', (engine, command, args) => {
    const started = container(find(render(model('m', { engine, parallelism: { tensor: 2 } })), 'Deployment'));
    expect(started).toMatchObject({ command, args, resources: { limits: { 'nvidia.com/gpu': '2' } } });
  });

  it('reads weights from a hub, a bucket or a volume', () => {
    const args = (source: string): unknown => container(find(render(model('m', { source })), 'Deployment'))['args'];
    expect(args('s3://bucket/llama')).toEqual(expect.arrayContaining(['s3://bucket/llama', '--load-format=runai_streamer']));
    expect(args('pvc://weights/llama')).toEqual(expect.arrayContaining(['/models/llama']));
  });

  it('quotes what would otherwise reach a shell', () => {
    const set = find(render(model('m', { parallelism: { pipeline: 2 }, args: ["--x=$(touch /tmp/a); echo 'b'"] })), 'LeaderWorkerSet');
    const leader = (set['spec'] as { leaderWorkerTemplate: { leaderTemplate: { spec: { containers: { args: string[] }[] } } } }).leaderWorkerTemplate
      .leaderTemplate.spec.containers[0]?.args[0];
    expect(leader).toContain(`'--x=$(touch /tmp/a); echo '\\''b'\\'''`);
  });

  it('makes DNS labels out of names', () => {
    expect(find(render(model('3.5-large', {})), 'Service').metadata.name).toBe('m-3-5-large');
  });

  it.each([
    ['MIG slices', { mode: 'mig', profiles: { '3g.40gb': 2 } }, { migProfile: '3g.40gb' }, { 'nvidia.com/mig-3g.40gb': '1' }],
    ['whole GPUs', { mode: 'exclusive' }, { count: 4 }, { 'nvidia.com/gpu': '4' }],
    ['a slice of time', { mode: 'time-slicing', replicas: 4 }, {}, { 'nvidia.com/gpu': '1' }],
  ])('asks for %s', (_what, sharing, gpu, limits) => {
    const pool = resource('GpuPool', 'p', { instanceTypes: ['p5.48xlarge'], limits: { gpus: 8 }, sharing });
    const resources = container(find(render(pool, model('m', { gpu: { pool: 'p', ...gpu } })), 'Deployment'))['resources'];
    expect(resources).toMatchObject({ limits });
  });

  it('asks by claim on a pool of dynamic resource allocation', () => {
    const pool = resource('GpuPool', 'p', { instanceTypes: ['p5.48xlarge'], limits: { gpus: 8 }, sharing: { mode: 'dra' } });
    const objects = render(pool, model('m', { gpu: { pool: 'p', kind: 'H100' } }));
    expect(container(find(objects, 'Deployment'))['resources']).toMatchObject({ claims: [{ name: 'gpu' }] });
    expect(JSON.stringify(find(objects, 'ResourceClaimTemplate'))).toContain("productName.contains('H100')");
  });

  it('uses the node class of EKS Auto Mode where it is asked for', () => {
    const objects = render(resource('GpuPool', 'p', { instanceTypes: ['g6.xlarge'], limits: { gpus: 1 }, nodeClass: { autoMode: true } }));
    expect(objects.map((object) => object.kind)).toEqual(['NodeClass', 'NodePool', 'ResourceQuota', 'PrometheusRule']);
    expect(find(objects, 'NodePool')['spec']).toMatchObject({ template: { spec: { nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass' } } } });
  });

  it('fills the name of the cluster in', () => {
    const { objects } = renderResources({
      resources: [resource('GpuPool', 'p', { instanceTypes: ['g6.xlarge'], limits: { gpus: 1 } })],
      options: { clusterName: 'prod' },
    });
    const text = toCommentedYaml(objects);
    expect(text).toContain('KarpenterNodeRole-prod');
    expect(text).not.toContain('CLUSTER_NAME');
  });

  it('says in notes what only the Maru gateway can do', () => {
    const { objects, notes } = renderResources({
      resources: [
        model('m', {}),
        resource('Model', 'gpt', { provider: { name: 'openai', model: 'gpt-5-mini' } }),
        resource('Route', 'r', { backends: [{ model: 'gpt' }, { model: 'm', when: { complexity: ['simple'] } }], fallbacks: [{ to: ['gpt'] }] }),
      ],
    });
    expect(objects.some((object) => object.manifest.kind === 'HTTPRoute')).toBe(false);
    expect(notes.map((note) => note.message).join('\n')).toMatch(
      /gpt is a model of a vendor[\s\S]*condition of the backend m[\s\S]*fallbacks[\s\S]*no HTTPRoute/,
    );
  });

  it.each([
    ['a source that is none', model('m', { source: 'https://example.com/x' }), 'resource_invalid', /must be hf:\/\//],
    ['no source', model('m', { source: undefined }), 'resource_invalid', /spec\.serving\.source/],
    ['a pool that is not there', model('m', { gpu: { pool: 'p' } }), 'reference_missing', /GpuPool\/p/],
    ['disaggregation without Dynamo', model('m', { disaggregation: { prefillReplicas: 1, decodeReplicas: 1 } }), 'not_supported', /engine dynamo only/],
    ['autoscaling without metrics', model('m', { engine: 'tensorrt-llm', autoscaling: { maxReplicas: 2 } }), 'not_supported', /queue metrics/],
    ['TensorRT-LLM over nodes', model('m', { engine: 'tensorrt-llm', parallelism: { pipeline: 2 } }), 'not_supported', /several nodes/],
  ])('refuses %s', (_what, bad, code, message) => {
    expect(() => render(bad)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('refuses two names that become one in Kubernetes', () => {
    expect(() => render(model('a.b', {}), model('a-b', {}))).toThrow(
      expect.objectContaining({ code: 'resource_duplicate', message: expect.stringMatching(/Model\/a\.b and Model\/a-b/) }),
    );
  });
});
