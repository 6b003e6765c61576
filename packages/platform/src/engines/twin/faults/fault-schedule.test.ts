import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { parseFaultSchedule, type ScheduledFault } from './fault-schedule.ts';
import { createServerState } from './server-state.ts';

describe('a schedule of faults', () => {
  it('is read from YAML, with what is usual where it says nothing', () => {
    const text = `faults:
  - { at: 5s, kind: crash }
  - { at: 10s, kind: hang, for: 3s }
  - { at: 1m, kind: slow, factor: 4 }
  - { at: 2m, kind: xid, code: 48, for: 30s }
  - { at: 2m, kind: spot-notice, notice: 90s }
`;

    expect(parseFaultSchedule(text, 'faults.yaml')).toEqual([
      { atMs: 5000, kind: 'crash', forMs: 5000 },
      { atMs: 10_000, kind: 'hang', forMs: 3000 },
      { atMs: 60_000, kind: 'slow', forMs: 60_000, factor: 4 },
      { atMs: 120_000, kind: 'xid', code: 48, forMs: 30_000 },
      { atMs: 120_000, kind: 'spot-notice', noticeMs: 90_000 },
    ]);
  });

  it.each([
    ['faults:\n  - { at: 5s, kind: burn }', /^f\.yaml:2:\d+: "faults\[0\]\.kind" .*"burn"/],
    ['faults:\n  - at: 5s\n    kind: slow\n    factor: -3', /^f\.yaml:4:5: "faults\[0\]\.factor"/],
    ['faults:\n  - { kind: crash }', /^f\.yaml:2:\d+: "faults\[0\]\.at" missing/],
    ['faults:\n  - { at: soon, kind: crash }', /^f\.yaml:2:\d+: "faults\[0\]\.at" .*duration/],
    ['faults:\n  - { at: 1s, kind: crash, factor: 2 }', /^f\.yaml:2:\d+: "faults\[0\]\.factor" unknown field/],
    ['fault: []', /^f\.yaml:1:1: /],
    ['faults: [', /^f\.yaml:/],
    ['', /^f\.yaml:1:1: /],
  ])('is refused with the line where %j is wrong', (text, message) => {
    expect(() => parseFaultSchedule(text, 'f.yaml')).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) as string }),
    );
  });
});

describe('the state of a server with a schedule', () => {
  const stateWith = (schedule: readonly ScheduledFault[]) => {
    const clock = createFakeClock();
    const events: unknown[] = [];
    const state = createServerState({
      engine: { crash: () => void events.push('lost'), disturb: (factor) => void events.push(factor) },
      clock,
      cutConnections: () => void events.push('cut'),
      schedule,
      onFault: ({ kind }) => void events.push(kind),
    });
    return { clock, events, state };
  };

  it('is down for a while after a crash', async () => {
    const { clock, events, state } = stateWith([{ atMs: 100, kind: 'crash', forMs: 50 }]);

    await clock.advance(99);
    expect(state.isDown()).toBe(false);
    await clock.advance(1);
    expect([state.isDown(), events]).toEqual([true, ['crash', 'lost', 'cut']]);
    await clock.advance(50);
    expect(state.isDown()).toBe(false);
  });

  it('hangs and is slow for a while', async () => {
    const { clock, events } = stateWith([
      { atMs: 10, kind: 'hang', forMs: 10 },
      { atMs: 30, kind: 'slow', forMs: 10, factor: 4 },
    ]);

    await clock.advance(100);
    expect(events).toEqual(['hang', 0, 1, 'slow', 0.25, 1]);
  });

  it('has a dead engine after an XID, for good where no time is given', async () => {
    const { clock, state } = stateWith([
      { atMs: 10, kind: 'xid', code: 48, forMs: 20 },
      { atMs: 50, kind: 'xid', code: 79, forMs: undefined },
    ]);

    await clock.advance(10);
    expect(state.deadOf()).toContain('XID 48');
    await clock.advance(20);
    expect(state.deadOf()).toBeUndefined();
    await clock.advance(3_600_000);
    expect(state.deadOf()).toContain('XID 79');
  });

  it('works on until the notice is over, and is gone then', async () => {
    const { clock, events, state } = stateWith([{ atMs: 0, kind: 'spot-notice', noticeMs: 120_000 }]);

    await clock.advance(119_999);
    expect([state.isDown(), events]).toEqual([false, ['spot-notice']]);
    await clock.advance(1e9);
    expect(state.isDown()).toBe(true);
  });

  it('does nothing more once it is closed', async () => {
    const { clock, events, state } = stateWith([{ atMs: 10, kind: 'crash', forMs: 5 }]);

    state.close();
    await clock.advance(100);
    expect(events).toEqual([]);
  });
});
