import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const URL_OF = process.env.BASE_URL;
export const KEY = process.env.API_KEY;
export const TEXT = 'Hello from the model';
export const QUESTION = 'What is the weather in Seoul?';
export const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };

export const versionOf = (name) =>
  JSON.parse(readFileSync(join(dirname(new URL(import.meta.url).pathname), 'node_modules', name, 'package.json'), 'utf8')).version;

/** Runs one cell of the matrix and prints how it went. */
export async function cell(row, mode, run) {
  try {
    await run();
    console.log(JSON.stringify({ ...row, mode, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ ...row, mode, ok: false, why: String(error?.stack ?? error).slice(0, 600) }));
  }
}

export function equal(seen, expected) {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (left !== right) throw new Error(`expected ${right}, got ${left}`);
}

/** A stream came in pieces and says the whole text. */
export function pieces(list) {
  equal(list.join(''), TEXT);
  if (list.filter((piece) => piece !== '').length < 2) throw new Error('the stream came in one piece');
}
