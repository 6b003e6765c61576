import type { Run, RunStep } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunHub, type RunEvent, stepOf } from './run-events.ts';

const step = (index: number): RunStep => ({ index, kind: 'model', name: 'm', state: 'running' }) as RunStep;
const text = (value: string, index = 0): RunEvent => ({ type: 'text-delta', text: value, index, kind: 'model' });
const started = (index: number): RunEvent => ({ type: 'step-start', step: step(index) });
const ended = (index: number): RunEvent => ({ type: 'step-end', step: { ...step(index), state: 'succeeded' } });
const never = new AbortController().signal;

describe('stepOf', () => {
  it('names the step of an event, and none for events of the whole run', () => {
    expect(stepOf(started(3))).toBe(3);
    expect(stepOf(ended(4))).toBe(4);
    expect(stepOf(text('x', 5))).toBe(5);
    expect(stepOf({ type: 'tool-start', callId: 'c', tool: 't', arguments: {}, index: 6 })).toBe(6);
    expect(stepOf({ type: 'run-end', run: {} as Run })).toBeUndefined();
    expect(stepOf({ type: 'run-queued', run: {} as Run })).toBeUndefined();
  });
});

describe('a watcher', () => {
  it('sleeps until something comes', async () => {
    const hub = createRunHub();
    const watch = hub.subscribe('r');
    let woken = false;
    const waiting = watch.wait(never).then(() => {
      woken = true;
    });
    await Promise.resolve();
    expect(woken).toBe(false);

    hub.emit('r', text('x'));
    await waiting;

    expect(watch.take()).toEqual([text('x')]);
  });

  it('does not sleep when something is there already, or the signal is aborted', async () => {
    const hub = createRunHub();
    const watch = hub.subscribe('r');
    await watch.wait(AbortSignal.abort());
    hub.emit('r', text('x'));
    await watch.wait(never);
    expect(watch.take()).toHaveLength(1);
  });

  it('is woken by the abort of its signal', async () => {
    const watch = createRunHub().subscribe('r');
    const abort = new AbortController();
    const waiting = watch.wait(abort.signal);
    abort.abort();
    await waiting;
    expect(watch.take()).toEqual([]);
  });

  it('that never reads holds a bounded number of events, the newest', () => {
    const hub = createRunHub();
    const watch = hub.subscribe('r');
    for (let index = 0; index < 10_005; index += 1) hub.emit('r', started(index));

    const events = watch.take();

    expect(events).toHaveLength(10_000);
    expect(stepOf(events[0] as RunEvent)).toBe(5);
    expect(stepOf(events.at(-1) as RunEvent)).toBe(10_004);
  });

  it('that never reads loses text before it loses the beginning or the end of a step', () => {
    const hub = createRunHub();
    const watch = hub.subscribe('r');
    hub.emit('r', started(0));
    for (let index = 0; index < 20_000; index += 1) hub.emit('r', text(String(index)));
    hub.emit('r', ended(0));

    const events = watch.take();

    expect(events).toHaveLength(10_000);
    expect([events[0], events[1], events.at(-1)]).toEqual([started(0), text('10002'), ended(0)]);
  });

  it('does not take from another watcher of the same run', () => {
    const hub = createRunHub();
    const [one, two] = [hub.subscribe('r'), hub.subscribe('r')];
    hub.emit('r', text('x'));
    expect(one.take()).toHaveLength(1);
    one.close();
    hub.emit('r', text('y'));
    expect(two.take()).toEqual([text('x'), text('y')]);
  });
});

describe('whoever comes late', () => {
  it('knows the text of every step that is open, and of no other', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('text' as const), index: fc.nat(3), value: fc.string({ maxLength: 4 }) }),
      fc.record({ kind: fc.constantFrom('start' as const, 'end' as const), index: fc.nat(3), value: fc.constant('') }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const hub = createRunHub();
        const expected = new Map<number, string>();
        for (const { kind, index, value } of events) {
          if (kind === 'text') expected.set(index, (expected.get(index) ?? '') + value);
          else expected.delete(index);
          hub.emit('r', kind === 'text' ? text(value, index) : kind === 'start' ? started(index) : ended(index));
        }

        const known = [...hub.subscribe('r').textSoFar].map(([index, open]) => [index, open.text]);

        expect(new Map(known as [number, string][])).toEqual(expected);
      }),
    );
  });
});
