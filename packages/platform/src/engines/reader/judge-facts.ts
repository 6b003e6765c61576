import type { Conversation } from './conversation.ts';
import { isSupported } from './entailment.ts';
import { isRemark } from './phrases.ts';
import type { ReaderPassage } from './reader-passage.ts';
import { splitStatements } from './split-statements.ts';

/** What a structured answer is filled from. */
export interface JudgeFacts {
  readonly question: string;
  readonly answer: string;
  readonly citations: readonly string[];
  /** The claims to judge: given in the request, or the sentences of the answer that is judged. */
  readonly claims: readonly { readonly text: string; readonly supported: boolean }[];
  /** True when the request gives an answer or statements to judge. */
  readonly judging: boolean;
}

const NEXT_LABEL = String.raw`\n[ \t#*]*(?:questions?|query|contexts?|passages?|documents?|sources?|answers?|responses?|statements?|claims?|output|reply|return|rules|질문|문맥|답변?)\b[^\n:]{0,40}:`;
const MAX_CLAIMS = 100;

/** Reads the labelled parts of a judge's prompt: `Context: …`, `Answer: …`, `Statements: …`. */
export function readJudgeFacts(conversation: Conversation, prompt: string, ownAnswer: string): JudgeFacts {
  const listed = labelled(prompt, 'statements?|claims?');
  const judged = labelled(prompt, 'answer|response|답변|답');
  const context = labelled(prompt, 'contexts?|passages?|documents?|sources?|문맥|자료');
  const passages: readonly ReaderPassage[] = context === undefined ? conversation.passages : [{ citation: 'context', heading: '', text: context }];
  const texts = readList(listed) ?? splitStatements((judged ?? ownAnswer).replace(/\[[^\]\n]{1,200}\]/g, ' ')).map((statement) => statement.text);
  const said = texts.filter((text) => !isRemark(text));
  return {
    question: labelled(prompt, 'question|query|질문') ?? conversation.question,
    answer: judged ?? ownAnswer,
    citations: [...new Set([...ownAnswer.matchAll(/\[([^\]\n]{1,200})\]/g)].map((match) => match[1] ?? ''))],
    claims: said.slice(0, MAX_CLAIMS).map((text) => ({ text, supported: isSupported(text, passages) })),
    judging: listed !== undefined || judged !== undefined,
  };
}

function labelled(prompt: string, names: string): string | undefined {
  const match = new RegExp(String.raw`(?:^|\n)[ \t#*]*(?:${names})\b[^\n:]{0,40}:[ \t*]*([\s\S]*?)(?=${NEXT_LABEL}|$)`, 'i').exec(prompt);
  const text = match?.[1]?.trim();
  return text === undefined || text === '' ? undefined : unquote(text);
}

/** Programs write texts as JSON strings, so that a line break in them ends nothing. */
function unquote(text: string): string {
  if (!/^"[\s\S]*"$/.test(text)) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** A JSON list of strings, or of objects with one, or lines with numbers or bullets. */
function readList(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const json = /^\[[\s\S]*\]/.exec(text)?.[0];
  if (json !== undefined) {
    try {
      const values = JSON.parse(json) as unknown[];
      return values.map((value) => (typeof value === 'string' ? value : String(Object.values(value as object)[0] ?? '')));
    } catch {
      // Not JSON after all: read as lines.
    }
  }
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*•]|\d{1,3}[.):])\s*/, '').trim())
    .filter((line) => line !== '');
}
