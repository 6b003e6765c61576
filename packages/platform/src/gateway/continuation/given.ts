import type { Engine } from '#engines';
import type { BegunAnswer } from './begun-answer.ts';

/** The beginning of an answer as an engine takes it. */
export const givenOf = ({ text }: Pick<BegunAnswer, 'text'>, { continues }: Pick<Engine, 'continues'>): string =>
  continues?.trims === true ? text.trimEnd() : text;
