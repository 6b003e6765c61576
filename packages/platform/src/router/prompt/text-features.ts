/** Cheap features of the text that the user wrote last; language-neutral where possible, English and Korean where words matter. */
export interface TextFeatures {
  /** Characters; a Hangul syllable counts as two, because it says about as much. */
  readonly length: number;
  readonly questions: number;
  /** Lines that begin as items of a list or as numbered steps. */
  readonly listItems: number;
  readonly code: boolean;
  readonly math: boolean;
  /** Words that ask for thought: why, compare, design, 왜, 비교, 설계 … */
  readonly reasoningWords: number;
}

const MAX_CHARACTERS = 8192;

const REASONING =
  /\b(why|how come|compare|contrast|versus|trade-?offs?|pros and cons|analy[sz]e|analysis|evaluate|design|architect|prove|proof|derive|optimi[sz]e|debug|refactor|diagnose|root cause|strategy|plan|step[- ]by[- ]step|in detail|explain how|implications?|justify)\b|왜|이유|원인|비교|차이점|장단점|분석|평가|설계|증명|유도|최적화|디버그|리팩터링|진단|전략|계획|단계별|자세히|상세히|근거/giu;
const CODE = /```|\b(?:function|class|def|import|return|const|SELECT|public static)\b[^.?!\n]*[({;:=*]|[{};]\s*\n|=>/u;
const MATH = /[∑∫√≤≥≠∂]|\\(?:frac|sum|int)\b|\b\d+(?:\.\d+)?\s*[*/^]\s*\d/u;

/** Features of the first 8,192 characters. */
export function textFeatures(text: string): TextFeatures {
  const head = text.slice(0, MAX_CHARACTERS);
  return {
    length: text.length + count(head, /[\uac00-\ud7a3]/gu),
    questions: count(head, /[?？]/gu),
    listItems: count(head, /^\s*(?:[-*•]|\d+[.)])\s+\S/gmu),
    code: CODE.test(head),
    math: MATH.test(head),
    reasoningWords: count(head, REASONING),
  };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
