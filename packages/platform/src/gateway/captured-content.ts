import type { AttemptResult, Call } from './call.ts';
import { shapeOf } from './request-shape.ts';

/** Longest answer that is kept in a trace; the rest is left out. */
const MAX_TEXT = 64 * 1024;
/** Requests above this size are not parsed for their trace. */
const MAX_INPUT_BYTES = 64 * 1024;

/** Prompt and answer of a request, for its trace; only where the owner of the platform has switched this on. */
export interface CapturedContent {
  readonly input?: unknown;
  readonly output?: unknown;
}

/** The prompt, and the answer without the numbers of embeddings. */
export function captureContent(call: Call, result: AttemptResult | undefined): CapturedContent {
  const value = call.request.bytes.length > MAX_INPUT_BYTES ? {} : call.request.value();
  const input = value[shapeOf(call.door).prompt.find((name) => name in value) ?? ''];
  const reply = result === undefined || result.kind === 'failed' ? undefined : result.content;
  const output = reply === undefined || call.operation === 'embeddings' ? undefined : call.request.stream ? streamedText(reply) : wholeAnswer(reply);
  return { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) };
}

interface Choice {
  readonly message?: unknown;
  readonly text?: unknown;
  readonly delta?: { readonly content?: unknown; readonly tool_calls?: unknown };
}

/** An answer, or an event of one, in any format that a client may have asked in. */
interface Answer {
  readonly choices?: readonly Choice[];
  readonly content?: unknown;
  readonly output?: unknown;
  readonly delta?: unknown;
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly { readonly text?: unknown }[] } }[];
}

function wholeAnswer(reply: Buffer): unknown {
  if (reply.length > MAX_TEXT * 4) return undefined;
  const answer = parse(reply.toString('utf8'));
  const choice = answer?.choices?.[0];
  return choice?.message ?? choice?.text ?? answer?.content ?? answer?.output ?? answer?.candidates?.[0]?.content;
}

/** The text of a stream; tool calls are kept as the pieces that they came in. */
function streamedText(reply: Buffer): unknown {
  let text = '';
  const calls: unknown[] = [];
  for (const line of reply.toString('utf8').split('\n')) {
    if (!line.startsWith('data: {') && !line.startsWith('data:{')) continue;
    const event = parse(line.slice(5));
    const piece = pieceOf(event);
    if (typeof piece === 'string' && text.length < MAX_TEXT) text += piece;
    const { tool_calls: pieces } = event?.choices?.[0]?.delta ?? {};
    if (Array.isArray(pieces)) calls.push(...pieces);
  }
  return calls.length === 0 ? text : { content: text, tool_calls: calls };
}

function pieceOf(event: Answer | undefined): unknown {
  const choice = event?.choices?.[0];
  if (choice !== undefined) return choice.delta?.content ?? choice.text;
  const parts = event?.candidates?.[0]?.content?.parts;
  if (parts !== undefined) return parts.map((part) => (typeof part.text === 'string' ? part.text : '')).join('');
  const delta = event?.delta;
  if (typeof delta !== 'object' || delta === null) return delta;
  return 'text' in delta ? delta.text : 'partial_json' in delta ? delta.partial_json : undefined;
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}
