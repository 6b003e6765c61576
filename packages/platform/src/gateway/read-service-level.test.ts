import { describe, expect, it } from 'vitest';
import { readServiceLevel } from './read-service-level.ts';

describe('the service level of a request', () => {
  it('is nothing where no header asks for anything', () => {
    expect(readServiceLevel({ 'x-other': '1' })).toEqual({});
  });

  it('is read from the usual headers in all their spellings', () => {
    expect(readServiceLevel({ 'x-slo-ttft-ms': '500', 'x-slo-itl-ms': '12.5', 'x-maru-priority': '-3' })).toEqual({
      slo: { ttftMs: 500, itlMs: 12.5 },
      priority: -3,
    });
    expect(readServiceLevel({ 'x-llm-d-slo-ttft-ms': '500', 'x-slo-tpot-ms': '20' })).toEqual({ slo: { ttftMs: 500, itlMs: 20 } });
    expect(readServiceLevel({ 'x-slo-itl-ms': '20', 'x-slo-tpot-ms': '20', 'x-llm-d-slo-tpot-ms': '20' })).toEqual({ slo: { itlMs: 20 } });
  });

  it.each([
    ['x-slo-ttft-ms', ''],
    ['x-slo-ttft-ms', '0'],
    ['x-slo-ttft-ms', '-5'],
    ['x-slo-ttft-ms', '1e3'],
    ['x-slo-ttft-ms', '500ms'],
    ['x-slo-ttft-ms', ' 500'],
    ['x-slo-ttft-ms', 'NaN'],
    ['x-slo-ttft-ms', 'Infinity'],
    ['x-slo-ttft-ms', '500, 500'],
    ['x-slo-ttft-ms', '99999999'],
    ['x-slo-itl-ms', '3600000.1'],
    ['x-llm-d-slo-tpot-ms', 'x'.repeat(5000)],
    ['x-maru-priority', '1.5'],
    ['x-maru-priority', '101'],
    ['x-maru-priority', '-101'],
    ['x-maru-priority', 'high'],
  ])('is refused with the name of the header: %s: %j', (name, text) => {
    let thrown: unknown;
    try {
      readServiceLevel({ [name]: text });
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toMatchObject({ code: 'invalid_request', status: 400, details: { header: name } });
    expect((thrown as Error).message).toContain(name);
    expect((thrown as Error).message.length).toBeLessThan(200);
  });

  it('is refused where two spellings say different things', () => {
    expect(() => readServiceLevel({ 'x-slo-itl-ms': '20', 'x-slo-tpot-ms': '30' })).toThrow(/x-slo-itl-ms and x-slo-tpot-ms .* say 20 and 30/);
  });
});
