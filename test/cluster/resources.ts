import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Resource, resourceSchema } from '../../packages/api/src/resources/index.ts';
import { fromYaml } from '../../packages/platform/src/manifests/index.ts';

const QUICKSTART = join(import.meta.dirname, '../../examples/quickstart');

/** Every resource of the quickstart as it stands in the files, before defaults are filled in. */
export const quickstartObjects = (): readonly Record<string, unknown>[] =>
  readdirSync(QUICKSTART)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => fromYaml(readFileSync(join(QUICKSTART, file), 'utf8')) as readonly Record<string, unknown>[]);

export const quickstartResources = (): readonly Resource[] => quickstartObjects().map((object) => resourceSchema.parse(object));

const resource = (kind: string, name: string, spec: object): Resource =>
  resourceSchema.parse({ apiVersion: 'maru.dev/v1alpha1', kind, metadata: { name }, spec });

/** A fleet that makes every kind of object that can be rendered. */
export const fleetResources = (): readonly Resource[] => [
  resource('GpuPool', 'h100', {
    instanceTypes: ['p5.48xlarge', 'p5en.48xlarge'],
    capacityTypes: ['spot', 'on-demand'],
    zones: ['us-east-1a'],
    limits: { gpus: 64, cpu: '2000', memory: '8Ti' },
    disruption: { consolidate: 'when-empty', after: '10m', budgets: [{ nodes: '10%' }, { nodes: '0', schedule: '0 0 * * 1-5', duration: '9h' }] },
    weight: 10,
  }),
  resource('GpuPool', 'shared', { instanceTypes: ['g6.xlarge'], limits: { gpus: 4 }, sharing: { mode: 'time-slicing', replicas: 4 } }),
  resource('GpuPool', 'sliced', { instanceTypes: ['p4d.24xlarge'], limits: { gpus: 8 }, sharing: { mode: 'mig', profiles: { '3g.20gb': 2 } } }),
  resource('GpuPool', 'claimed', { instanceTypes: ['p5.4xlarge'], limits: { gpus: 8 }, sharing: { mode: 'dra' } }),
  resource('Model', 'llama-3.1-8b', {
    serving: {
      engine: 'vllm',
      source: 'hf://meta-llama/Llama-3.1-8B-Instruct',
      replicas: 2,
      gpu: { pool: 'h100', kind: 'H100', count: 1 },
      autoscaling: { minReplicas: 1, maxReplicas: 8, targetQueue: 4 },
      maxModelLen: 32_768,
      args: ['--kv-cache-dtype=fp8'],
    },
  }),
  resource('Model', 'llama-405b', {
    serving: { engine: 'vllm', source: 's3://weights/llama-405b', replicas: 2, parallelism: { tensor: 8, pipeline: 2 }, gpu: { pool: 'h100', count: 8 } },
  }),
  resource('Model', 'qwen-sglang', {
    serving: { engine: 'sglang', source: 'pvc://weights/qwen3-32b', parallelism: { tensor: 2 }, gpu: { pool: 'h100', count: 2 } },
  }),
  resource('Model', 'qwen-trt', { serving: { engine: 'tensorrt-llm', source: 'hf://Qwen/Qwen3-8B', gpu: { pool: 'sliced', migProfile: '3g.20gb' } } }),
  resource('Model', 'qwen-claim', { serving: { engine: 'vllm', source: 'hf://Qwen/Qwen3-8B', gpu: { pool: 'claimed', kind: 'H100' } } }),
  resource('Model', 'gpt', { provider: { name: 'openai', model: 'gpt-5-mini', apiKey: { env: 'OPENAI_API_KEY' } } }),
  resource('Route', 'chat', {
    aliases: ['chat-latest'],
    backends: [
      { model: 'qwen-sglang', when: { headers: { 'x-tier': 'gold' } } },
      { model: 'llama-3.1-8b', weight: 9 },
      { model: 'llama-405b', weight: 1 },
      { model: 'gpt', weight: 1 },
    ],
    timeout: '2m',
    mirror: { model: 'qwen-trt', percent: 5 },
  }),
];
