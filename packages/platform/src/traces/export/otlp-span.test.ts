import { type Span, ZERO_USAGE } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { toAttributes } from '../otlp/attributes.ts';
import { toEntries } from '../otlp/to-entries.ts';
import { toSpanPatch } from '../to-span-patch.ts';
import { toOtlpSpan } from './otlp-span.ts';

const NOW_MS = 1_795_252_293_469;
const span: Span = {
  traceId: 'd0586148f4f80cfa4f7848d7b5b7f21c',
  spanId: '449fc57c620fa726',
  parentSpanId: '0af7651916cd43dd',
  name: 'engine gpt-0',
  kind: 'engine',
  startMs: NOW_MS + 0.253,
  endMs: NOW_MS + 812.5,
  status: 'ok',
  tenant: 'team-a',
  session: 's-1',
  user: 'u-1',
  model: 'gpt',
  usage: { ...ZERO_USAGE, inputTokens: 70, cacheReadTokens: 20, cacheWriteTokens: 10, outputTokens: 30, reasoningTokens: 12 },
  costNanoUsd: 1_250_000,
  attributes: { provider: 'openai', servedName: 'gpt-5-mini', simulated: false, ttftMs: 125, share: 0.5 },
};
const sent = (of: Span): object | undefined => toOtlpSpan(toSpanPatch(of, NOW_MS));
const attributesOf = (of: Span): Readonly<Record<string, unknown>> => toAttributes((sent(of) as { attributes: unknown }).attributes);

describe('a span as OTLP', () => {
  it('has the attributes of the GenAI conventions, and what Langfuse reads', () => {
    expect(attributesOf(span)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 42,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.usage.cache_creation.input_tokens': 10,
      'gen_ai.usage.reasoning.output_tokens': 12,
      'gen_ai.server.time_to_first_token': 0.125,
      'session.id': 's-1',
      'user.id': 'u-1',
      'langfuse.observation.type': 'generation',
      'langfuse.observation.cost_details': '{"total":0.00125}',
      'maru.kind': 'engine',
      'maru.share': 0.5,
    });
    expect(sent(span)).toMatchObject({ kind: 3, status: { code: 1 }, startTimeUnixNano: '1795252293469253000', endTimeUnixNano: '1795252294281500000' });
  });

  it('is read by the intake as it was: ids, times, tokens in their buckets, money', () => {
    const { entries, rejected } = toEntries({ resourceSpans: [{ scopeSpans: [{ spans: [sent(span) ?? {}] }] }] }, { tenant: 'elsewhere', nowMs: NOW_MS });

    expect(rejected).toBe(0);
    const [entry] = entries;
    expect(entry).toMatchObject({
      type: 'span',
      span: {
        tenant: 'elsewhere',
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        name: span.name,
        kind: 'engine',
        status: 'ok',
        model: 'gpt',
        session: 's-1',
        user: 'u-1',
        ttftMs: 125,
        usage: span.usage,
        costNanoUsd: 1_250_000,
      },
    });
  });

  it('says what failed', () => {
    const failed: Span = { ...span, status: 'error', statusMessage: 'upstream_timeout: no answer in time' };

    expect(sent(failed)).toMatchObject({ status: { code: 2, message: 'upstream_timeout: no answer in time' } });
    expect(attributesOf(failed)['error.type']).toBe('upstream_timeout');
  });

  it('has no cost where none is known, and not zero', () => {
    expect(attributesOf({ ...span, costNanoUsd: null })).not.toHaveProperty('langfuse.observation.cost_details');
  });

  it.each([
    ['a foreign trace id', { traceId: 'my-trace' }],
    ['a foreign span id', { spanId: 'step 1' }],
    ['no end', { endMs: null }],
  ])('can not be made of a span with %s', (_what, fields) => {
    expect(sent({ ...span, ...fields })).toBeUndefined();
  });
});
