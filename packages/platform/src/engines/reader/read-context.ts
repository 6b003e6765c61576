import type { ReaderPassage } from './reader-passage.ts';

export interface ContextSplit {
  readonly question: string;
  readonly passages: readonly ReaderPassage[];
}

const CONTEXT_LABEL = /(?:^|\n)[ \t#*]*(?:contexts?|passages?|documents?|sources?|references?|retrieved[^\n:]{0,30}|문맥|자료|문서|참고)[ \t*]*:[ \t*]*/i;
const QUESTION_LABEL = /(?:^|\n)[ \t#*]*(?:user )?(?:question|query|질문)[ \t*]*:[ \t*]*/i;
const TAGS = /<(context|documents?|passages?|sources?)\b[^>]*>([\s\S]*?)<\/\1>/gi;
const LONG_TEXT = 300;

/**
 * Splits a message into what is asked and what is given to answer it from: tagged (`<context>…</context>`), labelled (`Context: … Question: …`),
 * or a long text of several paragraphs of which the first or last asks. A short message is all question.
 */
export function readContext(text: string, name = 'context'): ContextSplit {
  const tagged = [...text.matchAll(TAGS)].map((match) => match[2] ?? '');
  if (tagged.length > 0) return { question: afterLabel(text.replace(TAGS, '\n'), QUESTION_LABEL).trim(), passages: toPassages(tagged.join('\n\n'), name) };
  const context = CONTEXT_LABEL.exec(text);
  if (context !== null) {
    const from = context.index + context[0].length;
    const asked = QUESTION_LABEL.exec(text);
    if (asked === null) return { question: text.slice(0, context.index).trim(), passages: toPassages(text.slice(from), name) };
    const question = text.slice(asked.index + asked[0].length);
    if (asked.index > context.index) return { question: question.trim(), passages: toPassages(text.slice(from, asked.index), name) };
    return { question: text.slice(asked.index + asked[0].length, context.index).trim(), passages: toPassages(text.slice(from), name) };
  }
  return splitLongText(text, name);
}

function splitLongText(text: string, name: string): ContextSplit {
  const paragraphs = text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
  if (text.length < LONG_TEXT || paragraphs.length < 2) return { question: text.trim(), passages: [] };
  const [first, last] = [paragraphs[0] ?? '', paragraphs.at(-1) ?? ''];
  const askedFirst = /[?？]\s*$/.test(first) && !/[?？]\s*$/.test(last);
  const rest = askedFirst ? paragraphs.slice(1) : paragraphs.slice(0, -1);
  return { question: askedFirst ? first : last, passages: toPassages(rest.join('\n\n'), name) };
}

/** Paragraphs that begin with `[name]` are passages of that name; else the whole is one passage. */
function toPassages(text: string, name: string): ReaderPassage[] {
  const parts = text.split(/\n(?=\[[^\]\n]{1,200}\])/);
  const passages = parts.map((part) => {
    const label = /^\s*\[([^\]\n]{1,200})\]\s*:?/.exec(part);
    return { citation: label?.[1] ?? name, heading: '', text: part.slice(label?.[0].length ?? 0).trim() };
  });
  return passages.filter((passage) => passage.text !== '');
}

function afterLabel(text: string, label: RegExp): string {
  const match = label.exec(text);
  return match === null ? text : text.slice(match.index + match[0].length);
}
