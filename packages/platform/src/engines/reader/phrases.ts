/** Korean when the text holds more Hangul than it would by chance; every reply is in the language of the question. */
function isKorean(text: string): boolean {
  const hangul = text.match(/\p{Script=Hangul}/gu)?.length ?? 0;
  return hangul >= 2;
}

const ENGLISH = {
  self: "I am Maru's built-in reader. I only answer from passages that I am given, by quoting them; I do not know anything by myself.",
  hello: "Hello. I am Maru's built-in reader: ask me about the passages or documents that you give me.",
  thanks: 'You are welcome.',
  noContext: 'No passages were given with this question, so I can not answer it. Give me some text, or offer me a search tool.',
  notFound: 'The answer is not in the passages that I was given.',
  nothingFound: 'The search found no passages for this question.',
  toolFailed: 'The tool did not give a usable answer:',
  noCalculator: 'I do not calculate by myself; offer me a calculator tool.',
  status: 'The address answered with status',
};

const KOREAN: typeof ENGLISH = {
  self: '저는 Maru에 내장된 리더입니다. 주어진 문서 구절을 인용해서만 답하며, 스스로 아는 것은 없습니다.',
  hello: '안녕하세요. Maru에 내장된 리더입니다. 주신 문서 구절에 대해 물어보세요.',
  thanks: '천만에요.',
  noContext: '이 질문과 함께 주어진 구절이 없어 답할 수 없습니다. 글을 함께 주시거나 검색 도구를 제공해 주세요.',
  notFound: '주어진 구절에는 이 질문의 답이 없습니다.',
  nothingFound: '이 질문에 대한 구절을 찾지 못했습니다.',
  toolFailed: '도구가 쓸 수 있는 답을 주지 않았습니다:',
  noCalculator: '저는 스스로 계산하지 않습니다. 계산 도구를 제공해 주세요.',
  status: '해당 주소의 응답 상태:',
};

export type Phrases = typeof ENGLISH;

export function phrasesFor(text: string): Phrases {
  return isKorean(text) ? KOREAN : ENGLISH;
}

/** Whether a sentence is one of the reader's own that state no fact: that something is not known, or a greeting. */
export function isRemark(sentence: string): boolean {
  return [ENGLISH, KOREAN].some((phrases) => Object.values(phrases).some((phrase) => phrase.includes(sentence.trim())));
}

/** A reply to a greeting, thanks, or a question about the reader; undefined for anything else. */
export function smallTalk(question: string): string | undefined {
  const phrases = phrasesFor(question);
  const text = question.trim().toLowerCase();
  if (
    /who are you|what are you\b|your name|what can you do|introduce yourself|누구(?:세요|야|니|입니까|예요|인가요)|자기\s?소개|뭘 할 수|무엇을 할 수/.test(text)
  )
    return phrases.self;
  if (text.length <= 40 && /^(?:thanks|thank you|thx|감사|고마워|고맙습니다)/.test(text)) return phrases.thanks;
  if (text.length <= 40 && /^(?:hi|hello|hey|good (?:morning|evening|afternoon)|ping|test|안녕|반갑)/.test(text) && !text.includes('?')) return phrases.hello;
  return undefined;
}
