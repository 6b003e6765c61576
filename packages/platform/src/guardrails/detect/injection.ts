import type { Reader } from './finding.ts';
import { INJECTION_SIGNALS } from './injection-signals.ts';
import { createPhraseFinder, type PhraseHit } from './phrases.ts';

type Signal = keyof typeof INJECTION_SIGNALS;

const LISTED = (Object.keys(INJECTION_SIGNALS) as Signal[]).flatMap((signal) => INJECTION_SIGNALS[signal].map((phrase) => ({ signal, phrase })));
/** A phrase may be a sign of several things. */
const SIGNALS = new Map<string, Set<Signal>>();
for (const { signal, phrase } of LISTED) SIGNALS.set(phrase, (SIGNALS.get(phrase) ?? new Set()).add(signal));
const PHRASES = [...SIGNALS.keys()];

/** Two phrases of a pair are at most this far from each other. */
const NEAR_CHARS = 60;
const WEIGHTS = { pair: 0.7, alone: 0.8, hint: 0.2 } as const;

let finder: ((reader: Reader) => readonly PhraseHit[]) | undefined;

/** How much a text looks like an attempt to turn the model against its instructions, from 0 to 1. */
export function scoreInjection(reader: Reader): number {
  finder ??= createPhraseFinder(PHRASES);
  const seen = { pairs: 0, alone: new Set<number>(), hints: new Set<number>() };
  const last: Partial<Record<Signal, number>> = {};
  const isNear = (signal: Signal, start: number): boolean => start - (last[signal] ?? Number.NEGATIVE_INFINITY) <= NEAR_CHARS;
  for (const hit of finder(reader)) {
    const signals = SIGNALS.get(PHRASES[hit.phrase] ?? '') ?? new Set<Signal>();
    if (signals.has('alone')) seen.alone.add(hit.phrase);
    if (signals.has('hint')) seen.hints.add(hit.phrase);
    for (const [left, right] of PAIRS) {
      if ((signals.has(left) && isNear(right, hit.start)) || (signals.has(right) && isNear(left, hit.start))) seen.pairs += 1;
    }
    for (const signal of signals) last[signal] = hit.end;
  }
  const left = (1 - WEIGHTS.pair) ** Math.min(seen.pairs, 3) * (1 - WEIGHTS.alone) ** seen.alone.size * (1 - WEIGHTS.hint) ** seen.hints.size;
  return 1 - left;
}

const PAIRS: readonly (readonly [Signal, Signal])[] = [
  ['against', 'rules'],
  ['reveal', 'hidden'],
];
