import { type TwinProfile, twinProfile } from '../../packages/platform/src/engines/index.ts';
import { closedLoop } from './closed-loop.ts';

/** A figure that others measured on real engines, and how the twin's is worked out. */
export interface Anchor {
  readonly what: string;
  readonly source: string;
  readonly published: number;
  readonly twin: () => number;
  /** What has to be known to read the error. */
  readonly note: string;
}

const h100 = twinProfile('h100-llama-3.1-8b');
const a100 = twinProfile('a100-40-llama-3.1-8b');
const a40 = twinProfile('a40-llama-3.1-8b');
const qwen = twinProfile('h100-tp2-qwen3-32b');
const run = (profile: TwinProfile, load: { readonly concurrency: number; readonly inputTokens: number; readonly outputTokens: number }) =>
  closedLoop({ profile, requests: load.concurrency * 8, ...load });
/** One prompt on an idle engine, without the way to the scheduler. */
const firstToken = (profile: TwinProfile, inputTokens: number): number =>
  closedLoop({ profile, concurrency: 1, requests: 1, inputTokens, outputTokens: 1 }).ttftMedianMs;
const throughput = (concurrency: number): number => run(a100, { concurrency, inputTokens: 1024, outputTokens: 128 }).outputTokensPerS;

const busyA40 = () => run(a40, { concurrency: 50, inputTokens: 100, outputTokens: 600 });
const ROOFLINE = 'the profile was derived without any measurement of this card';

const WVA = 'llm-d workload-variant-autoscaler, parameter-estimation.md';
const MUSGRAVE = 'johnmusgrave.com: A100-40GB, vLLM 0.23';
const A40 = 'databasemart.com: A40, 100 in / 600 out, 50 in flight';
const SET = 'the profile is set by this figure';

export const ANCHORS: readonly Anchor[] = [
  {
    what: 'Llama 3.1 8B, H100, 128/128, one request: ITL ms',
    source: WVA,
    published: 7.0,
    twin: () => run(h100, { concurrency: 1, inputTokens: 128, outputTokens: 128 }).itlMeanMs,
    note: SET,
  },
  {
    what: 'Llama 3.1 8B, H100, 128/128, one request: TTFT ms',
    source: WVA,
    published: 15,
    twin: () => run(h100, { concurrency: 1, inputTokens: 128, outputTokens: 128 }).ttftMedianMs,
    note: SET,
  },
  {
    what: 'Qwen3 32B, 2×H100: prefill tokens/s at 8192',
    source: 'llm-d-router, prefixcacheaffinity README (vLLM 0.19)',
    published: 15_928,
    twin: () => (8192 * 1000) / (firstToken(qwen, 8192) - qwen.requestOverheadMs),
    note: 'the profile has this rate without the cost of attention, which comes on top',
  },
  {
    what: 'Qwen3 32B, 10,000 cold tokens: TTFT s',
    source: 'llm-d blog',
    published: 4.3,
    twin: () => firstToken(qwen, 10_000) / 1000,
    note: 'the source tells no load; at 15,928 tokens/s an idle engine needs 0.6 s, so 4.3 s holds a queue',
  },
  {
    what: 'Llama 3.1 8B, A100, 1024/128, one request: ITL ms',
    source: MUSGRAVE,
    published: 13.3,
    twin: () => run(a100, { concurrency: 1, inputTokens: 1024, outputTokens: 128 }).itlMeanMs,
    note: SET,
  },
  {
    what: 'Llama 3.1 8B, A100, 1024/128: throughput of 8 over 1',
    source: MUSGRAVE,
    published: 6.6,
    twin: () => throughput(8) / throughput(1),
    note: 'a ratio',
  },
  { what: 'Llama 3.1 8B, A40: output tokens/s', source: A40, published: 1016.6, twin: () => busyA40().outputTokensPerS, note: ROOFLINE },
  { what: 'Llama 3.1 8B, A40: TTFT median ms', source: A40, published: 220, twin: () => busyA40().ttftMedianMs, note: ROOFLINE },
  { what: 'Llama 3.1 8B, A40: TPOT ms', source: A40, published: 36, twin: () => busyA40().itlMeanMs, note: ROOFLINE },
];
