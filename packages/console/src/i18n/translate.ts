import { EN, type MessageKey } from './en.ts';
import { KO } from './ko.ts';
import type { Language } from './language.ts';

export type MessageFacts = Readonly<Record<string, string | number>>;
export type Translate = (key: MessageKey, facts?: MessageFacts) => string;

const DICTIONARIES: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { en: EN, ko: KO };

/**
 * Fills a message: `{name}` stands for a fact, `{count:document|documents}` for a word that agrees with it.
 *
 * @example fillMessage('{n} {n:row|rows}', { n: 1 }) // '1 row'
 */
export function fillMessage(message: string, facts: MessageFacts = {}): string {
  return message.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one: string | undefined, many: string | undefined) => {
    const fact = facts[name];
    if (fact === undefined) return whole;
    if (one === undefined) return String(fact);
    return String(fact) === '1' ? one : (many ?? one);
  });
}

export const createTranslate =
  (language: Language): Translate =>
  (key, facts) =>
    fillMessage(DICTIONARIES[language][key], facts);
