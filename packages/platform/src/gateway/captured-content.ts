import type { AttemptResult, Call } from './call.ts';

/** Longest answer that is kept in a trace; the rest is left out. */
const MAX_TEXT = 64 * 1024;
/** Requests above this size are not parsed for their trace. */
const MAX_INPUT_BYTES = 64 * 1024;

/** Prompt and answer of a request, for its trace; only where the owner of the platform has switched this on. */
export interface CapturedContent {
  readonly input?: unknown;
  readonly output?: unknown;
}

const PROMPTS = { chat: 'messages', completions: 'prompt', embeddings: 'input' } as const;

/** The prompt, and the answer without the numbers of embeddings. */
export function captureContent(call: Call, result: AttemptResult | undefined): CapturedContent {
  const input = call.request.bytes.length > MAX_INPUT_BYTES ? undefined : call.request.value()[PROMPTS[call.operation]];
  const reply = result === undefined || result.kind === 'failed' ? undefined : result.content;
  const output = reply === undefined || call.operation === 'embeddings' ? undefined : call.request.stream ? streamedText(reply) : wholeAnswer(reply);
  return { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) };
}

interface Choice {
  readonly message?: unknown;
  readonly text?: unknown;
  readonly delta?: { readonly content?: unknown; readonly tool_calls?: unknown };
}

function wholeAnswer(reply: Buffer): unknown {
  if (reply.length > MAX_TEXT * 4) return undefined;
  const choice = firstChoice(reply.toString('utf8'));
  return choice?.message ?? choice?.text;
}

/** The text of a stream; tool calls are kept as the pieces that they came in. */
function streamedText(reply: Buffer): unknown {
  let text = '';
  const calls: unknown[] = [];
  for (const line of reply.toString('utf8').split('\n')) {
    if (!line.startsWith('data: {')) continue;
    const choice = firstChoice(line.slice(6));
    const piece = choice?.delta?.content ?? choice?.text;
    if (typeof piece === 'string' && text.length < MAX_TEXT) text += piece;
    if (Array.isArray(choice?.delta?.tool_calls)) calls.push(...choice.delta.tool_calls);
  }
  return calls.length === 0 ? text : { content: text, tool_calls: calls };
}

function firstChoice(text: string): Choice | undefined {
  try {
    return (JSON.parse(text) as { choices?: readonly Choice[] }).choices?.[0];
  } catch {
    return undefined;
  }
}
