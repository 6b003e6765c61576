import type { Detector, Reader } from './detect/finding.ts';

export type Stage = 'before' | 'during' | 'after';

/** What a check that sees whole texts is told. */
export interface WholeText {
  readonly stage: Stage;
  readonly texts: readonly string[];
  readonly requestId: string;
  readonly tenant: string;
  readonly model: string;
}

/** What was found: names of violations, none where the texts pass; or the texts as they may go on. */
export interface Verdict {
  readonly kinds: readonly string[];
  readonly texts?: readonly string[];
}

/** A guardrail of a route, ready to be used. */
export interface Rule {
  readonly name: string;
  readonly type: string;
  readonly at: ReadonlySet<Stage>;
  readonly action: 'block' | 'mask' | 'flag';
  readonly byDefault: boolean;
  /** Finds places; also on windows of a stream. */
  readonly detectors?: readonly Detector[];
  /** Masked values of the prompt are put back into the answer. */
  readonly unmask?: boolean;
  /** Characters that must be seen behind a place before it is decided. */
  readonly holdChars?: number;
  /** Judges one text, also a window of a stream; the name of the violation, or undefined. */
  readonly judge?: (reader: Reader) => string | undefined;
  /** Judges all texts together, at once. */
  readonly whole?: (text: WholeText) => Verdict;
  /** Asks somebody else. */
  readonly remote?: {
    readonly budgetMs: number;
    readonly failOpen: boolean;
    readonly ask: (text: WholeText, signal: AbortSignal) => Promise<Verdict>;
  };
}
