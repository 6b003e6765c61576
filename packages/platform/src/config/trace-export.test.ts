import { describe, expect, it } from 'vitest';
import { readTraceExport } from './trace-export.ts';

describe('where traces go', () => {
  it('is nowhere else by default', () => {
    expect(readTraceExport({})).toEqual({ targets: [] });
    expect(readTraceExport({ MARU_OTLP_URL: '' })).toEqual({ targets: [] });
  });

  it('is a collector, with headers', () => {
    expect(readTraceExport({ MARU_OTLP_URL: 'http://collector:4318/', MARU_OTLP_HEADERS: 'X-Team=ml, authorization=Bearer%20abc' }).targets).toEqual([
      { name: 'otlp', url: 'http://collector:4318/v1/traces', headers: { 'x-team': 'ml', authorization: 'Bearer abc' } },
    ]);
    expect(readTraceExport({ MARU_OTLP_URL: 'https://x.example/otlp/v1/traces' }).targets[0]?.url).toBe('https://x.example/otlp/v1/traces');
  });

  it('is Langfuse, with its keys as basic authentication', () => {
    const environment = { MARU_LANGFUSE_URL: 'https://cloud.langfuse.com', MARU_LANGFUSE_PUBLIC_KEY: 'pk', MARU_LANGFUSE_SECRET_KEY: 'secret' };

    expect(readTraceExport(environment).targets).toEqual([
      { name: 'langfuse', url: 'https://cloud.langfuse.com/api/public/otel/v1/traces', headers: { authorization: 'Basic cGs6c2VjcmV0' } },
    ]);
  });

  it.each([
    [{ MARU_OTLP_URL: 'collector:4318' }, 'MARU_OTLP_URL'],
    [{ MARU_OTLP_URL: 'https://user:word@collector' }, 'MARU_OTLP_URL'],
    [{ MARU_OTLP_HEADERS: 'a=b' }, 'MARU_OTLP_HEADERS'],
    [{ MARU_OTLP_URL: 'https://c', MARU_OTLP_HEADERS: 'nonsense' }, 'MARU_OTLP_HEADERS'],
    [{ MARU_LANGFUSE_URL: 'https://cloud.langfuse.com' }, 'MARU_LANGFUSE_URL'],
    [{ MARU_LANGFUSE_SECRET_KEY: 'canary-secret' }, 'MARU_LANGFUSE_URL'],
  ])('refuses %j and names %s, never a value', (environment, name) => {
    expect(() => readTraceExport(environment)).toThrow(name);
    expect(() => readTraceExport(environment)).not.toThrow('canary');
  });
});
