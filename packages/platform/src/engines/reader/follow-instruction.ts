import type { Conversation } from './conversation.ts';
import { findUrl } from './fill-arguments.ts';
import { findExpression } from './find-expression.ts';
import { phrasesFor } from './phrases.ts';
import { splitSentences } from './split-statements.ts';

/**
 * Answers to instructions that ask for a plan or for one word, as graphs of agents send them; undefined for all others.
 * A plan has one step per sentence that asks something; a verdict is COMPLETE when there is an answer, CONTINUE while steps are left.
 */
export function followInstruction(conversation: Conversation): string | undefined {
  const { instruction } = conversation;
  if (/\bplan\b/i.test(instruction) && /JSON array/i.test(instruction)) return JSON.stringify(planFor(conversation.question));
  if (/one word first|with one word/i.test(instruction) && /\bCOMPLETE\b/.test(instruction)) return verdictFor(conversation);
  return undefined;
}

function planFor(question: string): string[] {
  const parts = splitSentences(question).filter(
    (sentence) => /[?？]$/.test(sentence) || findUrl(sentence) !== undefined || findExpression(sentence) !== undefined,
  );
  return parts.length > 1 ? parts.slice(0, 5) : [question];
}

function verdictFor(conversation: Conversation): string {
  const step = /step (\d+) of (\d+)/i.exec(conversation.instruction);
  if (step !== null && Number(step[1]) < Number(step[2])) return 'CONTINUE: steps of the plan are left.';
  const phrases = phrasesFor(conversation.question);
  const answer = conversation.lastAnswer;
  if (answer === undefined || answer === phrases.notFound) return 'COMPLETE: the passages do not hold more.';
  return 'COMPLETE: the question has an answer with its sources.';
}
