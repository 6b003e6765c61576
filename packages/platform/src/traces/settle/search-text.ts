import { cutText } from '../limits.ts';
import { cleanText } from './text.ts';

/** One form for what is stored and for what is looked for: composed, lower-case. */
export function toSearchText(parts: readonly (string | null)[]): string {
  let text = '';
  for (const part of parts) if (part !== null && part !== '') text += text === '' ? part : ` ${part}`;
  // ASCII is composed already, and asking costs more than looking.
  return cutText(cleanText((ASCII.test(text) ? text : text.normalize('NFC')).toLowerCase()), 8_000);
}

const ASCII = /^[\t-~]*$/;

/** The beginning of what a client has said of a trace. */
export const excerptOf = (value: unknown): string => cutText(typeof value === 'string' ? value : JSON.stringify(value), 2_000);
