import { answerQuestion, summarize } from './answer-question.ts';
import { type ChosenCall, chooseTool, type ToolChoice } from './choose-tool.ts';
import type { Conversation } from './conversation.ts';
import { findUrl } from './fill-arguments.ts';
import { fillSchema } from './fill-schema.ts';
import { findExpression } from './find-expression.ts';
import { followInstruction } from './follow-instruction.ts';
import { readJudgeFacts } from './judge-facts.ts';
import { phrasesFor, smallTalk } from './phrases.ts';
import { termsOf } from './terms.ts';
import { wantedSchema } from './wanted-schema.ts';

/** What the reader does next: it calls a tool, or it answers. */
export type Decision = { readonly type: 'call'; readonly call: ChosenCall } | { readonly type: 'answer'; readonly text: string };

/** Decides by rules alone, so that the same conversation always gets the same answer. */
export function decide(conversation: Conversation, wishes: { toolChoice: ToolChoice; responseFormat: unknown }): Decision {
  const call = chooseTool(conversation, wishes.toolChoice);
  if (call !== undefined) return { type: 'call', call };
  const schema = wantedSchema(wishes.responseFormat, conversation.instruction);
  const instructed = schema === undefined ? followInstruction(conversation) : undefined;
  if (instructed !== undefined) return { type: 'answer', text: instructed };
  const answer = plainAnswer(conversation);
  if (schema === undefined) return { type: 'answer', text: answer };
  return { type: 'answer', text: JSON.stringify(fillSchema(schema, readJudgeFacts(conversation, conversation.instruction, answer), { name: '' })) };
}

function plainAnswer(conversation: Conversation): string {
  const { question, passages, calls } = conversation;
  const phrases = phrasesFor(question);
  const talk = smallTalk(question);
  if (talk !== undefined) return talk;
  const results = calls.flatMap((call) => (call.result === undefined ? [] : [call.result]));
  const values = results.flatMap((result) =>
    result.type === 'value' ? [result.expression === undefined ? result.value : `${result.expression} = ${result.value}`] : [],
  );
  const failed = results.find((result) => result.type === 'page' && result.status >= 400);
  const found = passages.length === 0 ? undefined : (answerQuestion(question, passages) ?? summarizePage(question, conversation));
  const parts = [...(found === undefined ? [] : [found]), ...values.map((value) => `${value}.`)];
  if (parts.length > 0) return parts.join('\n\n');
  if (failed !== undefined && failed.type === 'page') return `${phrases.status} ${failed.status}.`;
  const other = results.find((result) => result.type === 'text' && result.passages.length > 0);
  if (other !== undefined && other.type === 'text') return quoteTool(question, other.passages[0]?.text ?? '', other.passages[0]?.citation ?? '');
  if (results.some((result) => result.type === 'passages' && result.passages.length === 0)) return phrases.nothingFound;
  if (passages.length > 0) return phrases.notFound;
  return findExpression(question) !== undefined && calls.length === 0 ? phrases.noCalculator : phrases.noContext;
}

/** A question that is little more than an address wants what stands there. */
function summarizePage(question: string, conversation: Conversation): string | undefined {
  const url = findUrl(question);
  if (url === undefined || termsOf(question.replace(url, ' ')).size > 3) return undefined;
  return summarize(conversation.passages.filter((passage) => /^https?:/.test(passage.citation)));
}

function quoteTool(question: string, text: string, tool: string): string {
  const plain = text.replace(/^- /gm, '').replace(/\n+/g, '; ').slice(0, 600);
  return /error|fail|refus|denied|timed? ?out|오류|실패/i.test(plain.slice(0, 200)) ? `${phrasesFor(question).toolFailed} ${plain}` : `${plain} [${tool}]`;
}
