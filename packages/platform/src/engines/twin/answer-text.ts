import type { TwinRequest } from './parse-request.ts';
import { lastUserText } from './render-prompt.ts';
import { BYTES_PER_TOKEN, countTokens } from './tokenizer.ts';

const QUOTE_CHARACTERS = 120;

const SENTENCES = {
  en: [
    'This text only takes the time and the memory that a real answer would take.',
    'The twin keeps a queue, a batch and a prefix cache like a real engine, so load, latency and cache hits are worth looking at; the words are not.',
    'Ask a model that is not marked as simulated when you need an answer to rely on.',
    'The same prompt gives the same text, whichever replica serves it.',
    'Time passes by a published or estimated profile of a GPU, and nothing here has run on one.',
  ],
  ko: [
    '이 글은 실제 답변이 쓰는 시간과 메모리만 흉내 냅니다.',
    '트윈은 실제 엔진처럼 대기열과 배치와 프리픽스 캐시를 가지므로 부하와 지연과 캐시 적중은 볼 가치가 있지만, 문장에는 뜻이 없습니다.',
    '믿을 수 있는 답이 필요하면 시뮬레이션으로 표시되지 않은 모델에 물어보세요.',
    '같은 프롬프트에는 어느 복제본에서나 같은 글이 나옵니다.',
    '시간은 GPU의 공개되었거나 추정된 프로필에 따라 흐르며, 실제 GPU에서 실행된 것은 없습니다.',
  ],
} as const;

/** A readable answer that says that it is simulated; depends on nothing but the request and the model's name. */
export function answerText(request: TwinRequest, model: string): string {
  const question = lastUserText(request).replace(/\s+/g, ' ').trim();
  const language = /[\uac00-\ud7a3]/.test(question) ? 'ko' : 'en';
  const quote = question.length > QUOTE_CHARACTERS ? `${question.slice(0, QUOTE_CHARACTERS)}…` : question;
  const head =
    language === 'ko'
      ? `[시뮬레이션] ${model}은(는) 엔진 트윈이며, 질문을 읽은 모델은 없습니다. 질문: "${quote}"`
      : `[simulated] ${model} is an engine twin; no model has read this prompt. You asked: "${quote}"`;
  if (request.json) return JSON.stringify({ simulated: true, answer: head });
  const seed = [...question].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7);
  const text = lengthen(head, SENTENCES[language], { seed, sentences: 1 + (seed % 4) });
  if (!request.ignoreEos) return text;
  const missing = (request.maxTokens ?? 0) - countTokens(text);
  if (missing <= 0) return text;
  const sentences = Math.ceil((missing * BYTES_PER_TOKEN) / Buffer.byteLength(SENTENCES[language][0])) + 1;
  return lengthen(text, SENTENCES[language], { seed, sentences });
}

function lengthen(head: string, stock: readonly string[], options: { seed: number; sentences: number }): string {
  const parts = [head];
  for (let index = 0; index < options.sentences; index += 1) parts.push(stock[(options.seed + index) % stock.length] ?? '');
  return parts.join(' ');
}
