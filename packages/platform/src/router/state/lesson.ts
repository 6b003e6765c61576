/**
 * What the end of a request has taught of its endpoint: `prefill` how long prompts took (started idle, tokens, pairs → ms), `step` how long a
 * token took (requests, context tokens, ms of prefill per token → ms), `hit` what its cache held (prompt tokens → tokens found).
 */
export interface Lesson {
  readonly kind: LessonKind;
  readonly features: readonly number[];
  readonly value: number;
}

export type LessonKind = keyof typeof LESSON_FEATURES;

/** How many features each has. */
export const LESSON_FEATURES = { prefill: 3, step: 3, hit: 1 } as const;

/** Told of what was learned here, and not of what others have taught. */
export type Teach = (lesson: Lesson) => void;
