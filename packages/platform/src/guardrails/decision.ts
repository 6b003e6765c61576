import type { Rule, Stage } from './rule.ts';

/** What a guardrail has decided at one stage of a call; never holds any text. */
export interface GuardDecision {
  readonly guardrail: string;
  readonly type: string;
  readonly stage: Stage;
  readonly result: 'passed' | 'flagged' | 'masked' | 'blocked' | 'failed-open' | 'failed-closed';
  /** How often each kind was found. */
  readonly found: Readonly<Record<string, number>>;
  readonly startMs: number;
  readonly endMs: number;
}

/** Sums what one rule finds over many texts. */
export class Tally {
  readonly rule: Rule;
  readonly #found = new Map<string, number>();

  constructor(rule: Rule) {
    this.rule = rule;
  }

  add(kind: string): void {
    this.#found.set(kind, (this.#found.get(kind) ?? 0) + 1);
  }

  get found(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#found);
  }

  get result(): 'passed' | 'flagged' | 'masked' | 'blocked' {
    if (this.#found.size === 0) return 'passed';
    return this.rule.action === 'block' ? 'blocked' : this.rule.action === 'mask' ? 'masked' : 'flagged';
  }
}
