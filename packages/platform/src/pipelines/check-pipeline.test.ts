import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { evaluate, gate, ingest, makePipeline, publish, wholePipeline } from './__fixtures__/test-kit.ts';
import { checkPipeline } from './check-pipeline.ts';

function problemOf(steps: readonly Record<string, unknown>[]): { code: string; message: string } {
  try {
    checkPipeline(makePipeline(steps));
  } catch (error) {
    if (isPlatformError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: '' };
}

describe('checkPipeline', () => {
  it('accepts a pipeline that ingests, measures, decides and publishes', () => {
    expect(() => checkPipeline(wholePipeline())).not.toThrow();
  });

  it('refuses a need that is not a step and lists the steps', () => {
    const problem = problemOf([ingest('a'), ingest('b', ['c'])]);

    expect(problem.code).toBe('reference_missing');
    expect(problem.message).toContain('needs "c"');
    expect(problem.message).toContain('a, b');
  });

  it('refuses a circle and shows the way around it', () => {
    const problem = problemOf([ingest('start'), ingest('a', ['start', 'c']), ingest('b', ['a']), ingest('c', ['b'])]);

    expect(problem.code).toBe('reference_cycle');
    expect(problem.message).toContain('a → c → b → a');
  });

  it('refuses a step that needs itself', () => {
    expect(problemOf([ingest('a', ['a'])]).code).toBe('reference_cycle');
  });

  it('refuses two steps of one name', () => {
    expect(problemOf([ingest('a'), ingest('a')]).code).toBe('resource_duplicate');
  });

  it('refuses a gate that no measurement comes before', () => {
    expect(problemOf([gate('open', [])]).code).toBe('reference_missing');
    expect(problemOf([evaluate('measure'), gate('open', [])]).code).toBe('reference_missing');
  });

  it('accepts a gate whose measurement comes through another step', () => {
    expect(problemOf([evaluate('measure'), ingest('more', ['measure']), gate('open', ['more']), publish('serve', ['open'])]).code).toBe('none');
  });
});
