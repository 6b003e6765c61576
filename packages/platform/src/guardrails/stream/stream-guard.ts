import { PlatformError } from '@maru/api/errors';
import { Tally } from '../decision.ts';
import { blocked, type GuardContext, guardTexts } from '../guard-texts.ts';
import type { Rule } from '../rule.ts';
import { type TextSlot, visitAnswer } from '../text/visit-texts.ts';
import { dropLogprobs, eventValue, splitEvents, withValue } from './event-text.ts';
import { TextWindow } from './text-window.ts';

/** Watches one streamed answer. */
export interface StreamGuard {
  /** Takes bytes, returns those that may go to the client now. Throws `content_blocked`. */
  push(chunk: Buffer): Buffer;
  /** The answer is complete but for `tail`: returns all that is left. Throws `content_blocked` or `guardrail_failed`. */
  end(tail: Buffer | undefined, signal: AbortSignal): Promise<Buffer>;
}

interface HeldPiece {
  readonly slot: TextSlot;
  readonly window: TextWindow;
  readonly start: number;
}

interface HeldEvent {
  readonly raw: Buffer;
  readonly value: Record<string, unknown> | undefined;
  readonly pieces: readonly HeldPiece[];
  /** A complete text in it was replaced. */
  changed: boolean;
}

/** More than this is never held back for checks that want the whole answer. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

export interface StreamGuardOptions {
  /** Rules with detectors or judges. */
  readonly windows: readonly Rule[];
  /** Rules that judge the whole answer. */
  readonly whole: readonly Rule[];
  readonly context: GuardContext;
}

/**
 * Detectors look at windows: an event goes on when all of its text is decided. Rules that judge the whole answer see it at its end; where
 * one of them may refuse it, nothing goes on before.
 */
export function createStreamGuard(options: StreamGuardOptions): StreamGuard {
  const { windows: rules, whole, context } = options;
  const startMs = context.clock.nowMs();
  const tallies = new Map(rules.map((rule) => [rule, new Tally(rule)]));
  const found = (rule: Rule, kind: string): void => tallies.get(rule)?.add(kind);
  const windows = new Map<string, TextWindow>();
  const texts = new Map<string, string>();
  const events = splitEvents();
  const queue: HeldEvent[] = [];
  const holdsAll = whole.some((rule) => rule.action !== 'flag');
  let ready: Buffer[] = [];
  let heldBytes = 0;

  const windowOf = (slot: TextSlot): TextWindow => {
    let window = windows.get(slot.id);
    if (window === undefined) {
      window = new TextWindow({ rules, vault: context.vault, json: slot.json, found });
      windows.set(slot.id, window);
    }
    return window;
  };

  const take = (raw: Buffer): void => {
    const value = eventValue(raw);
    const pieces: HeldPiece[] = [];
    let changed = false;
    if (value !== undefined)
      visitAnswer(value, (slot) => {
        if (!slot.piece) {
          changed = guardWhole(slot) || changed;
          return;
        }
        if (whole.length > 0) texts.set(slot.id, (texts.get(slot.id) ?? '') + slot.text);
        const window = windowOf(slot);
        pieces.push({ slot, window, start: window.length });
        window.append(slot.text);
      });
    queue.push({ raw, value, pieces, changed });
  };

  /** A complete text inside of an event, such as the sum at the end of some streams. */
  const guardWhole = (slot: TextSlot): boolean => {
    const window = new TextWindow({
      rules,
      vault: context.vault,
      json: slot.json,
      found: (rule, kind) => (rule.action === 'block' ? found(rule, kind) : undefined),
    });
    window.append(slot.text);
    window.advance(true);
    const next = window.rewrite(0, slot.text);
    if (next !== undefined) slot.replace(next);
    return next !== undefined;
  };

  const release = (): void => {
    while (queue.length > 0) {
      const event = queue[0];
      if (event === undefined || event.pieces.some(({ slot, window, start }) => start + slot.text.length > window.cleared)) return;
      queue.shift();
      ready.push(written(event));
    }
  };

  const refuse = (): void => {
    for (const tally of tallies.values()) if (tally.result === 'blocked') throw blocked(tally.rule, 'during', Object.keys(tally.found));
  };

  const flush = (): Buffer => {
    const bytes = ready.length === 1 && ready[0] !== undefined ? ready[0] : Buffer.concat(ready);
    ready = [];
    return bytes;
  };

  const push = (chunk: Buffer, complete: boolean): void => {
    for (const raw of events.push(chunk)) take(raw);
    for (const window of windows.values()) window.advance(complete);
    refuse();
    release();
    heldBytes += chunk.length;
    if (holdsAll && heldBytes > MAX_HELD_BYTES)
      throw new PlatformError('guardrail_failed', { message: `the answer is longer than the ${MAX_HELD_BYTES} bytes that can be held for its guardrails` });
  };

  const record = (): void => {
    for (const { rule, found: kinds, result } of tallies.values())
      context.decide({ guardrail: rule.name, type: rule.type, stage: 'during', result, found: kinds, startMs, endMs: context.clock.nowMs() });
  };

  return {
    push(chunk) {
      try {
        push(chunk, false);
      } catch (thrown) {
        record();
        throw thrown;
      }
      return holdsAll ? Buffer.alloc(0) : flush();
    },
    async end(tail, signal) {
      try {
        push(tail ?? Buffer.alloc(0), true);
      } finally {
        record();
      }
      if (whole.length > 0) {
        const slots = [...texts].map(([id, text]): TextSlot => ({ id, text, piece: false, json: false, replace: () => undefined }));
        await guardTexts(slots, { stage: 'after', rules: whole, context, signal });
      }
      ready.push(events.rest());
      return flush();
    },
  };
}

function written(event: HeldEvent): Buffer {
  if (event.value === undefined) return event.raw;
  let { changed } = event;
  for (const { slot, window, start } of event.pieces) {
    const next = window.rewrite(start, slot.text);
    if (next === undefined) continue;
    slot.replace(next);
    changed = true;
  }
  if (!changed) return event.raw;
  dropLogprobs(event.value);
  return withValue(event.raw, event.value);
}
