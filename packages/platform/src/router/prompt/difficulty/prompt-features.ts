import { textFeatures } from '../text-features.ts';

export interface PromptSketch {
  readonly promptTokens: number;
  /** Messages of the conversation; 1 for a plain prompt. */
  readonly turns: number;
  readonly tools: boolean;
  readonly images: boolean;
  /** What the user wrote last. */
  readonly text: string;
}

/** Numbers about a request from 0 to about 3, by name. The classifier adds them up by its weights; a name that it does not know counts nothing. */
export type PromptFeatures = Readonly<Record<string, number>>;

const MAX_CHARACTERS = 8192;

/** Words that tell what is asked for; one pattern per feature, English and Korean. Bounded quantifiers only, so that no text is slow. */
const CUES: Readonly<Record<string, RegExp>> = {
  lookup:
    /\b(what is|what's|who (?:is|was|wrote)|when (?:is|was|did)|where is|which year|capital of|define|definition|meaning of|how many|how much)\b|무엇|뭐야|뭔가요|누구|언제|어디|몇|뜻/giu,
  rewrite:
    /\b(translate|rephrase|rewrite|summari[sz]e|shorten|proofread|correct the|fix the (?:grammar|spelling)|convert|format|extract|list|classify|label)\b|번역|요약|교정|맞춤법|바꿔|고쳐|추출|분류|나열/giu,
  smalltalk: /\b(hi|hello|hey|thanks|thank you|good (?:morning|night|evening)|how are you)\b|안녕|고마워|감사/giu,
  reason:
    /\b(why|explain why|prove|proof|derive|deduce|infer|justify|reason(?:ing)?|logic(?:al)?|puzzle|paradox|counterexample|hence|therefore)\b|왜|증명|유도|추론|근거|논리|반례/giu,
  compare: /\b(compare|contrast|versus|vs\.?|trade-?offs?|pros and cons|advantages|differences?|better)\b|비교|장단점|차이/giu,
  design:
    /\b(design|architect(?:ure)?|schema|strategy|roadmap|plan|migrate|scal(?:e|able|ing)|implement|build|refactor|optimi[sz]e|debug|diagnose|root cause|concurren\w{0,6}|deadlock|race condition)\b|설계|아키텍처|전략|계획|구현|최적화|디버그|리팩터링|진단|원인/giu,
  calculate:
    /\b(calculate|compute|solve|integral|derivative|probability|expected value|matrix|equation|theorem|optimum|minimi[sz]e|maximi[sz]e|complexity)\b|계산|확률|적분|미분|방정식|기댓값|최솟값|최댓값/giu,
  constraint:
    /\b(must|exactly|at least|at most|without using|only if|unless|each of|subject to|constraint|in no more than|ensure)\b|반드시|정확히|이상|이하|하지 말고|제약|조건/giu,
  steps: /\b(step[- ]by[- ]step|first|then|after that|finally|in detail|thorough(?:ly)?|comprehensive)\b|단계별|자세히|상세히|그다음|마지막/giu,
  essay: /\b(essay|report|proposal|story|poem|chapter|article|speech|script)\b|에세이|보고서|제안서|소설|시를|기사|연설/giu,
};

/** Features of the first 8,192 characters and of the conversation around them. */
export function promptFeatures(sketch: PromptSketch): PromptFeatures {
  const text = sketch.text.slice(0, MAX_CHARACTERS);
  const known = textFeatures(sketch.text);
  const features: Record<string, number> = {
    length: Math.log2(1 + known.length / 40) / 3,
    promptTokens: Math.log2(1 + sketch.promptTokens / 100) / 4,
    turns: Math.log2(sketch.turns) / 3,
    tools: sketch.tools ? 1 : 0,
    images: sketch.images ? 1 : 0,
    code: known.code ? 1 : 0,
    math: known.math ? 1 : 0,
    questions: Math.min(3, known.questions) / 2,
    listItems: Math.min(6, known.listItems) / 3,
    numbers: Math.min(8, text.match(/\d+(?:[.,]\d+)?/gu)?.length ?? 0) / 4,
    sentences: Math.log2(1 + (text.match(/[.!?。？！\n]/gu)?.length ?? 0)) / 3,
  };
  for (const [name, pattern] of Object.entries(CUES)) features[name] = Math.min(3, text.match(pattern)?.length ?? 0) / 2;
  return features;
}
