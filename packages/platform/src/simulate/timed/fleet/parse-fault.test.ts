import { describe, expect, it } from 'vitest';
import { parseFault } from './parse-fault.ts';

describe('the text of a fault', () => {
  it('is a time, a kind, a replica, and a length where it has one', () => {
    expect(parseFault('5m:hang:0:30s')).toEqual({ atMs: 300_000, kind: 'hang', replica: 0, durationMs: 30_000 });
    expect(parseFault('90s:xid:12')).toEqual({ atMs: 90_000, kind: 'xid', replica: 12 });
  });

  it.each(['', '5m', '5m:burn:0', 'soon:crash:0', '5m:crash:first', '5m:hang:0:long', '5m:hang:0:30s:more', '-5s:crash:0'])('is not %j', (text) => {
    expect(() => parseFault(text)).toThrow(/is no fault; want TIME:KIND:REPLICA/);
  });
});
