import { describe, expect, it } from 'vitest';
import { parseFlow } from './parse-flow.ts';

describe('the text of flow control', () => {
  it('is off, the defaults of a Model, or some of its fields', () => {
    expect(parseFlow('off')).toBeUndefined();
    expect(parseFlow('on')).toMatchObject({ saturation: { queueDepth: 5, kvUse: 0.95 }, limits: { maxRequests: 1000 }, maxWaitMs: 60_000 });
    expect(parseFlow('queueDepth=3,maxWait=20s,maxWaitingPerTenant=7')).toMatchObject({
      saturation: { queueDepth: 3 },
      limits: { maxRequestsPerTenant: 7 },
      maxWaitMs: 20_000,
    });
    expect(parseFlow('enabled=false')).toBeUndefined();
  });

  it.each(['', 'yes', 'queueDepth', 'queueDepth=0', 'queueDepth=3=4', 'depth=3', 'maxWait=soon', 'kvUse=2', 'on,queueDepth=3', '__proto__=1'])(
    'is not %j',
    (text) => {
      expect(() => parseFlow(text)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    },
  );
});
