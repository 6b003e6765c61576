import { createReader } from '../detect/finding.ts';
import { scan } from '../detect/scan.ts';
import { marksOf, replacementOf } from '../guard-texts.ts';
import type { Rule } from '../rule.ts';
import { mergeReplacements, type Replacement } from '../text/replace-findings.ts';
import { MAX_MARK_CHARS, type Vault } from '../text/vault.ts';

/** Behind what is decided, kept for the words before a place. */
const CONTEXT_CHARS = 128;
/** A place that still grows is waited for up to this length. */
const MAX_PLACE_CHARS = 8192;

export interface WindowOptions {
  readonly rules: readonly Rule[];
  readonly vault: Vault;
  readonly json: boolean;
  readonly found: (rule: Rule, kind: string) => void;
}

/** One text that comes in pieces. Places in it are counted from its beginning. */
export class TextWindow {
  readonly #options: WindowOptions;
  readonly #hold: number;
  #text = '';
  #base = 0;
  #cleared = 0;
  #replacements: Replacement[] = [];

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#hold = Math.max(0, ...options.rules.map((rule) => rule.holdChars ?? 0));
  }

  /** How far the text may be given on. */
  get cleared(): number {
    return this.#cleared;
  }

  get length(): number {
    return this.#base + this.#text.length;
  }

  append(text: string): void {
    this.#text += text;
  }

  /** Decides what can be decided; everything when the text is `complete`. */
  advance(complete: boolean): void {
    const text = this.#text;
    const shift = this.#base;
    const end = shift + text.length;
    const reader = createReader(text);
    const places = this.#options.rules.map((rule) => ({ rule, findings: scan(reader, rule.detectors ?? []), judged: rule.judge?.(reader) }));
    let safe = complete ? end : Math.max(this.#cleared, end - this.#hold);
    if (!complete) safe = Math.min(safe, this.#openMark(safe));
    // A place is decided as a whole: what reaches over the edge waits.
    for (const { findings } of places)
      for (const finding of findings)
        if (!complete && shift + finding.start < safe && shift + finding.end > safe && finding.end - finding.start < MAX_PLACE_CHARS)
          safe = shift + finding.start;
    safe = Math.max(safe, this.#cleared);

    let replacements: readonly Replacement[] = [];
    for (const { rule, findings, judged } of places) {
      if (judged !== undefined) this.#options.found(rule, judged);
      const decided = findings.filter((finding) => shift + finding.start >= this.#cleared && shift + finding.start < safe);
      for (const finding of decided) this.#options.found(rule, finding.kind);
      if (rule.action !== 'mask') continue;
      const masks = decided.map((finding) => shifted(replacementOf(text, finding, { rule, stage: 'during', vault: this.#options.vault }), shift));
      replacements = mergeReplacements(replacements, masks);
    }
    const marks = marksOf(text, this.#options.json, this.#options.vault).map((mark) => shifted(mark, shift));
    replacements = mergeReplacements(
      replacements,
      marks.filter((mark) => mark.start >= this.#cleared && mark.end <= safe),
    );
    this.#replacements.push(...replacements);
    this.#cleared = safe;
    const drop = Math.max(0, this.#cleared - CONTEXT_CHARS - shift);
    this.#text = text.slice(drop);
    this.#base = shift + drop;
  }

  /** A piece as it may be given on; undefined when nothing in it is replaced. */
  rewrite(start: number, piece: string): string | undefined {
    const end = start + piece.length;
    const touching = this.#replacements.filter((each) => each.start < end && each.end > start);
    // Pieces are given on in order: what ends before this one is never asked for again.
    this.#replacements = this.#replacements.filter((each) => each.end > start);
    if (touching.length === 0) return undefined;
    let result = '';
    let from = start;
    for (const each of touching) {
      if (each.start > from) result += piece.slice(from - start, each.start - start);
      if (each.start >= start) result += each.text;
      from = Math.max(from, Math.min(each.end, end));
    }
    return result + piece.slice(from - start);
  }

  /** Where a mark begins that may not be whole yet. */
  #openMark(safe: number): number {
    if (!this.#options.vault.holds()) return safe;
    const at = this.#text.lastIndexOf('<');
    const open = at >= 0 && this.#text.length - at <= MAX_MARK_CHARS && !this.#text.includes('>', at);
    return open ? Math.max(this.#cleared, Math.min(safe, this.#base + at)) : safe;
  }
}

const shifted = (each: Replacement, by: number): Replacement => ({ ...each, start: each.start + by, end: each.end + by });
