import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createDegradations } from '../degradations.ts';
import { judgeSignals, type Look } from './judge-signals.ts';
import { parseMetrics } from './parse-metrics.ts';
import { type EndpointSignals, readSignals } from './read-signals.ts';
import { watchSignals } from './signal-watch.ts';

const VLLM = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="llama"} 3
vllm:num_requests_running{engine="1",model_name="llama"} 1
vllm:num_requests_waiting{engine="0",model_name="llama"} 2.0
vllm:num_requests_waiting{engine="1",model_name="llama"} 0
vllm:kv_cache_usage_perc{engine="0",model_name="llama"} 0.5
vllm:kv_cache_usage_perc{engine="1",model_name="llama"} 0.1
vllm:cache_config_info{block_size="16",num_gpu_blocks="1000",engine="0"} 1.0
vllm:cache_config_info{block_size="16",num_gpu_blocks="1000",engine="1"} 1.0
vllm:prompt_tokens_total{engine="0",model_name="llama"} 5e3
vllm:prefix_cache_hits_total{engine="0",model_name="llama"} 100
`;

describe('metrics', () => {
  it('of vLLM are read, per rank and together', () => {
    expect(readSignals(VLLM)).toMatchObject({
      dialect: 'vllm',
      running: 4,
      waiting: 2,
      kvUse: 0.3,
      blockSize: 16,
      blocks: 2000,
      kvTokens: 32_000,
      promptTokens: 5000,
      cachedTokens: 100,
      models: ['llama'],
      ranks: [
        { rank: 0, running: 3, waiting: 2, kvUse: 0.5 },
        { rank: 1, running: 1, waiting: 0, kvUse: 0.1 },
      ],
    });
  });

  it.each([
    ['older vLLM', 'vllm:num_requests_running 1\nvllm:num_requests_waiting 2\nvllm:gpu_cache_usage_perc 0.25\n', { dialect: 'vllm', kvUse: 0.25 }],
    [
      'SGLang',
      'sglang:num_running_reqs{model_name="m"} 1\nsglang:num_queue_reqs{model_name="m"} 2\nsglang:token_usage{model_name="m"} 0.25\nsglang:max_total_num_tokens{model_name="m"} 9000\n',
      { dialect: 'sglang', kvUse: 0.25, kvTokens: 9000 },
    ],
    [
      'TensorRT-LLM',
      'trtllm_num_requests_running 1\ntrtllm_num_requests_waiting 2\ntrtllm_kv_cache_utilization 0.25\ntrtllm_kv_cache_tokens_per_block 32\ntrtllm_kv_cache_max_blocks 10\n',
      { dialect: 'trtllm-serve', kvUse: 0.25, kvTokens: 320 },
    ],
    [
      'Triton',
      'nv_trt_llm_request_metrics{request_type="scheduled"} 1\nnv_trt_llm_request_metrics{request_type="waiting"} 2\nnv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="fraction"} 0.25\n',
      { dialect: 'triton-tensorrt-llm', kvUse: 0.25 },
    ],
    [
      'a Dynamo frontend',
      'dynamo_frontend_inflight_requests{model="m"} 1\ndynamo_frontend_queued_requests{model="m"} 2\n',
      { dialect: 'dynamo-frontend', kvUse: undefined },
    ],
    ['vLLM through an exporter that renames', 'vllm_num_requests_running 1\nvllm_num_requests_waiting 2\n', { dialect: 'vllm' }],
  ])('of %s are read', (_who, text, expected) => {
    expect(readSignals(text)).toMatchObject({ running: 1, waiting: 2, ...expected });
  });

  it('of nobody that is known are told apart from broken ones', () => {
    expect(readSignals('go_goroutines 5\n')).toBeUndefined();
    expect(readSignals('<html>Bad gateway</html>')).toBeUndefined();
  });

  it('keep what can be read of broken lines and count the rest', () => {
    const { samples, broken } = parseMetrics('a{x="1\\"2",y="\\n"} 1 1700000000\na{x=1} 2\na 3x\n!\na{x="1" 4\n\n# a 5\na NaN', new Set(['a']));

    expect(broken).toBe(4);
    expect(samples).toMatchObject([{ labels: { x: '1"2', y: '\n' }, value: 1 }, { value: Number.NaN }]);
  });
});

const signals = (more: Partial<EndpointSignals> = {}): EndpointSignals => ({ ...(readSignals(VLLM) as EndpointSignals), ...more });
const look = (atMs: number, more: Partial<EndpointSignals>, own = { inFlight: 0, promptTokens: 0 }): Look => ({ atMs, signals: signals(more), own });

describe('what metrics say', () => {
  it.each([
    ['fewer requests than none', { waiting: -1 }],
    ['no number', { running: Number.NaN }],
    ['a percentage for a share', { kvUse: 35 }],
    ['blocks without tokens', { blockSize: 0 }],
  ])('is not believed where it is impossible: %s', (_what, more) => {
    expect(judgeSignals([look(0, more)])).toMatchObject({ usable: false, problems: [{ problem: 'metrics-impossible' }] });
  });

  it('is not believed where the engine claims to be idle while it works for us', () => {
    const looks = Array.from({ length: 5 }, (_, at) => look(at, { running: 0, waiting: 0 }, { inFlight: 2, promptTokens: 0 }));

    expect(judgeSignals(looks.slice(0, 4)).usable).toBe(true);
    expect(judgeSignals(looks)).toMatchObject({ usable: false, problems: [{ problem: 'metrics-lie' }] });
  });

  it('is not believed where its counter stands still while it answers us', () => {
    const looks = Array.from({ length: 5 }, (_, at) => look(at, {}, { inFlight: 1, promptTokens: at * 600 }));

    expect(judgeSignals(looks)).toMatchObject({ usable: false, problems: [{ problem: 'metrics-lie' }] });
  });

  it('tells a process that has started anew by a counter that went back', () => {
    expect(judgeSignals([look(0, { promptTokens: 50 }), look(1, { promptTokens: 10 })]).restarted).toBe(true);
    expect(judgeSignals([look(0, { promptTokens: 50 }), look(1, { promptTokens: 50 })]).restarted).toBe(false);
  });
});

describe('a watch', () => {
  it('uses what is fresh, names what is stale, and finds its way back', async () => {
    const clock = createFakeClock();
    const degradations = createDegradations(clock, () => undefined);
    let answer: () => Promise<Buffer> = async () => Buffer.from(VLLM);
    const restarts: string[] = [];
    const watch = watchSignals({
      endpoint: 'a',
      url: 'http://10.0.0.1:8000/metrics',
      everyMs: 500,
      models: ['llama'],
      own: () => ({ inFlight: 0, promptTokens: 0 }),
      client: { ask: () => answer(), close: async () => undefined },
      clock,
      degradations,
      onRestart: () => restarts.push('a'),
    });
    const names = (): string[] => degradations.list().map(({ name }) => name);

    await watch.look();
    expect(watch.read()).toMatchObject({ stale: false, kvTokens: 32_000, signals: { running: 4 } });

    answer = async () => Buffer.from('nothing of interest 1');
    await clock.advance(3000);
    expect(watch.read()).toMatchObject({ stale: true, signals: undefined, kvTokens: 32_000 });
    expect(names()).toEqual(['metrics-unknown-dialect', 'metrics-stale']);

    answer = async () => Buffer.from(VLLM.replaceAll('"llama"', '"qwen"').replace('5e3', '10'));
    await clock.advance(500);
    expect(watch.read()).toMatchObject({ stale: false, signals: { running: 4 } });
    expect(names()).toEqual(['model-changed']);
    expect(restarts).toEqual(['a']);
    await watch.close();
  });
});
