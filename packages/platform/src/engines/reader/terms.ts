import { stemmer } from 'stemmer';

const WORD = /[\p{L}\p{N}\p{M}]+(?:[._-][\p{L}\p{N}\p{M}]+)*/gu;
const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
/** Words of questions and requests, which say how is asked and not what about. */
const ASKING = new Set(
  (
    'a about all also am an and answer any are as at be because been but by can could did do does doing each either explain find for from get give had has have ' +
    'help her hers here him his how i if in into is it its just know let list long many may me mean might more most much must my need no not of on one or our please ' +
    'question same say search shall she should show so some such tell than that the their them then there these they this those to too up us use used using very ' +
    'want was we were what when where whether which while who whom whose why will with work would you your'
  ).split(' '),
);
const ASKING_KOREAN =
  /(?:무엇|무슨|어떤|어떻게|어디|언제|누가|누구|얼마나|얼마|몇|왜|알려|설명|대해|대한|주세요|해줘|인가요|인가|일까|입니까|합니까|하나요|나요|가요|습니까|있는|있나요|되나요|돼요|좋은|해야)/gu;
const PARTICLE = /(?:에서는|으로는|에게는|에서|으로|에게|까지|부터|이나|라고|라는|이란|은|는|이|가|을|를|의|에|와|과|도|로|만|란)$/u;

/** The terms that a text is about, each once: English words as stems, Korean and other CJK words without particle, in bigrams. */
export function termsOf(text: string): Set<string> {
  const terms = new Set<string>();
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (!/[^\x20-\x7e]/.test(word)) addPlain(terms, word);
    else {
      for (const [run] of word.matchAll(CJK)) addCjk(terms, run);
      for (const rest of word.split(CJK)) if (rest !== '') addPlain(terms, rest.replace(/^[._-]+|[._-]+$/g, ''));
    }
  }
  terms.delete('');
  return terms;
}

function addPlain(terms: Set<string>, word: string): void {
  if (ASKING.has(word)) return;
  const parts = word.split(/[._-]/);
  if (parts.length > 1) terms.add(word);
  for (const part of parts) if (!ASKING.has(part) && (part.length > 1 || /\d/.test(part))) terms.add(/^[a-z]{3,}$/.test(part) ? stemmer(part) : part);
}

function addCjk(terms: Set<string>, run: string): void {
  for (const piece of run.replace(ASKING_KOREAN, ' ').split(' ')) {
    const bare = piece.length > 2 ? piece.replace(PARTICLE, '') : piece;
    const characters = [...bare];
    // One character is a particle or an ending far more often than a word.
    for (let index = 0; index + 1 < characters.length; index += 1) terms.add(`${characters[index]}${characters[index + 1]}`);
  }
}
