import type { ContinuationWay } from '@maru/api/resources';
import type { FieldEdits } from '../transport/edit-fields.ts';

/** How a model is asked to go on with an answer that another one has begun, and what it makes of it. */
export interface Continuation {
  readonly how: ContinuationWay;
  /** The beginning may not end in white space. */
  readonly trims: boolean;
  /** The answer repeats the beginning. */
  readonly echoes: boolean;
  /** In place of the path of a chat call, beside the version. */
  readonly path?: string;
}

/** What a row of the table of providers says. */
export interface ProviderContinuation extends Partial<Omit<Continuation, 'how'>> {
  readonly how: ContinuationWay;
  /** Models that can do it; all where absent. */
  readonly models?: RegExp;
}

/**
 * Claude takes a beginning of its answer up to the generation 4.5; later models answer with an error. A name that is not known to
 * take it is not asked.
 */
export const CLAUDE_PREFILL: ProviderContinuation = Object.freeze({
  how: 'prefill',
  trims: true,
  models: /^(?:[a-z.-]*anthropic\.)?claude-(?:2|3|instant|(?:opus|sonnet|haiku)-4(?:-[015])?(?:[-@]\d{8})?(?:-v\d+(?::\d+)?)?$)/,
});

export interface ContinuationFacts {
  /** What the Model says. */
  readonly declared: ContinuationWay | 'none' | undefined;
  /** The row of its provider. */
  readonly entry: { readonly continuation?: ProviderContinuation };
  readonly servedName: string;
}

/** How a model of a provider goes on; undefined where it can not, or nobody knows. */
export function continuationOf({ declared, entry, servedName }: ContinuationFacts): Continuation | undefined {
  if (declared === 'none') return undefined;
  const known = entry.continuation;
  if (declared !== undefined) return known?.how === declared ? toContinuation(known) : toContinuation({ how: declared });
  return known === undefined || known.models?.test(servedName) === false ? undefined : toContinuation(known);
}

const toContinuation = ({ how, trims = false, echoes = false, path }: ProviderContinuation): Continuation =>
  Object.freeze({ how, trims, echoes, ...(path === undefined ? {} : { path }) });

/** What stands beside the last message, for each way but the plain one. */
const MESSAGE_MARKS: Readonly<Partial<Record<ContinuationWay, string>>> = { prefix: 'prefix', partial: 'partial' };

/** The changes to a body of OpenAI's chat API whose last message is the beginning of the answer. */
export function continuationEdits({ how }: Continuation): Pick<FieldEdits, 'sets' | 'marksLast'> {
  if (how === 'continue-final-message') return { sets: { continue_final_message: true, add_generation_prompt: false } };
  const mark = MESSAGE_MARKS[how];
  return mark === undefined ? {} : { marksLast: mark };
}
