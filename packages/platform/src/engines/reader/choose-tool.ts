import type { ChatTool } from '@maru/api/wire';
import type { Conversation } from './conversation.ts';
import { fillArguments, findUrl, readParameters } from './fill-arguments.ts';
import { findExpression } from './find-expression.ts';
import { smallTalk } from './phrases.ts';
import { termsOf } from './terms.ts';

export interface ChosenCall {
  readonly name: string;
  readonly arguments: string;
}

export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

type ToolKind = 'fetch' | 'calculate' | 'search' | 'other';

const NAME_OF_KIND: readonly (readonly [ToolKind, RegExp])[] = [
  ['calculate', /calc|arithmetic|math|evaluate_expression/i],
  ['fetch', /fetch|http|url|browse|download|web_?page/i],
  ['search', /search|knowledge|retriev|lookup|look_up|find_doc|rag|query_/i],
];

/**
 * The next tool call, by rules in this order:
 * 1. an address in the question and a tool that fetches; 2. arithmetic and a tool that calculates; 3. a tool whose name shares a word with the
 * question; 4. any other question, no passages yet, and a tool that searches. A call that was made since the question is never made again.
 * `required` falls back to the first tool that can be filled; a named tool is filled as well as it goes.
 */
export function chooseTool(conversation: Conversation, choice: ToolChoice): ChosenCall | undefined {
  if (choice === 'none') return undefined;
  const { question, calls } = conversation;
  const made = new Set(calls.map((call) => callKey(call.name, call.arguments)));
  const fresh = (tool: ChatTool | undefined, force = false): ChosenCall | undefined => {
    const call = tool === undefined ? undefined : fill(tool, question, force);
    return call === undefined || made.has(callKey(call.name, call.arguments)) ? undefined : call;
  };
  if (typeof choice === 'object')
    return fresh(
      conversation.tools.find((tool) => tool.function?.name === choice.name),
      true,
    );
  const fitting = fittingTools(conversation).map((tool) => fresh(tool));
  const found = fitting.find((call) => call !== undefined);
  if (found !== undefined || choice === 'auto' || calls.length > 0) return found;
  return conversation.tools.map((tool) => fresh(tool)).find((call) => call !== undefined) ?? fresh(conversation.tools[0], true);
}

function fittingTools(conversation: Conversation): ChatTool[] {
  const { question, tools, calls } = conversation;
  const ofKind = (kind: ToolKind): ChatTool[] => tools.filter((tool) => kindOf(tool) === kind);
  const url = findUrl(question);
  const expression = findExpression(question);
  const rest = termsOf(
    question
      .replace(url ?? '', ' ')
      .replace(/[\d\s()+\-*/^%×÷.,=]+/g, ' ')
      .replace(/\b(?:calculate|compute|plus|minus|times|divided)\b|계산/gi, ' '),
  );
  const fitting: ChatTool[] = [];
  if (url !== undefined) fitting.push(...ofKind('fetch'));
  if (expression !== undefined) fitting.push(...ofKind('calculate'));
  fitting.push(...ofKind('other').filter((tool) => sharesWord(tool, question)));
  const answered = calls.length > 0 || conversation.hasOwnPassages;
  const asksMore = url === undefined && (expression === undefined || rest.size >= 2);
  if (!searchedBefore(conversation) && asksMore && smallTalk(question) === undefined && (!answered || expression !== undefined))
    fitting.push(...ofKind('search').slice(0, 1));
  return fitting;
}

function searchedBefore(conversation: Conversation): boolean {
  return conversation.calls.some((call) => kindOf({ type: 'function', function: { name: call.name } }) === 'search');
}

function kindOf(tool: ChatTool): ToolKind {
  const name = tool.function?.name ?? '';
  return NAME_OF_KIND.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';
}

function sharesWord(tool: ChatTool, question: string): boolean {
  const name = termsOf((tool.function?.name ?? '').replace(/[_-]/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2'));
  const asked = termsOf(question);
  return [...name].some((term) => term.length > 2 && asked.has(term));
}

function fill(tool: ChatTool, question: string, force: boolean): ChosenCall | undefined {
  const name = tool.function?.name;
  if (name === undefined) return undefined;
  const filled = fillArguments(readParameters(tool.function?.parameters), question) ?? (force ? {} : undefined);
  return filled === undefined ? undefined : { name, arguments: JSON.stringify(filled) };
}

/** The same arguments in another order or with other spaces are the same call. */
function callKey(name: string, args: string): string {
  try {
    const parsed = JSON.parse(args) as Record<string, unknown>;
    return `${name} ${JSON.stringify(Object.entries(parsed).sort(([left], [right]) => (left < right ? -1 : 1)))}`;
  } catch {
    return `${name} ${args}`;
  }
}
