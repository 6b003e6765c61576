import { describe, expect, it } from 'vitest';
import { ask, coreWith, drain } from '../__fixtures__/small-engine.ts';
import { createAdapterSlots } from './adapter-slots.ts';

describe('slots of LoRA adapters', () => {
  it('hold as many as there are, and evict the one that was idle longest', () => {
    const slots = createAdapterSlots({ maxLoras: 2, loadMs: 20 });

    expect([slots.enter('a'), slots.enter('b'), slots.enter('a')]).toEqual([20, 20, 0]);
    expect(slots.admits('c')).toBe(false);
    expect(slots.admits('b')).toBe(true);
    slots.leave('b');
    expect(slots.admits('c')).toBe(true);
    expect(slots.enter('c')).toBe(20);
    expect(slots.running()).toEqual(['a', 'c']);
    slots.leave('c');
    expect(slots.enter('b')).toBe(20);
    expect(slots.loads).toBe(4);
  });
});

describe('an engine with LoRA adapters', () => {
  it('lets requests of a further adapter wait, and passes others by', () => {
    const core = coreWith({ lora: { maxLoras: 1, loadMs: 50 } });
    const first = ask(core, { promptTokens: 4, outputTokens: 3, adapter: 'a' });
    const other = ask(core, { promptTokens: 4, outputTokens: 1, adapter: 'b' });
    const base = ask(core, { promptTokens: 4, outputTokens: 1 });
    const same = ask(core, { promptTokens: 4, outputTokens: 1, adapter: 'a' });

    const step = core.step(0);

    expect([first, other, base, same].map(({ state }) => state)).toEqual(['running', 'waiting', 'finished', 'finished']);
    expect(step?.work.addedMs).toBe(50);
    expect(core.adapters?.running()).toEqual(['a']);
    drain(core);
    expect(other.state).toBe('finished');
    expect(other.firstTokenMs).toBeGreaterThan(first.lastTokenMs);
    expect(core.adapters?.loads).toBe(2);
    expect(core.adapters?.running()).toEqual([]);
  });

  it('frees the slot of what is aborted or gives way', () => {
    const core = coreWith({ lora: { maxLoras: 1, loadMs: 0 } }, { kvBlocks: 6 });
    const first = ask(core, { promptTokens: 8, outputTokens: 12, adapter: 'a' });
    ask(core, { promptTokens: 8, outputTokens: 12, adapter: 'a' });
    core.step(0);

    core.abort(first);
    drain(core);

    expect(core.adapters?.running()).toEqual([]);
    expect(core.adapters?.admits('b')).toBe(true);
  });
});
