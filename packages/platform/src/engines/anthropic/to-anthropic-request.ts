import { PlatformError } from '@maru/api/errors';
import { type ChatRequest, type ChatTool, chatRequestSchema } from '@maru/api/wire';
import { toAnthropicMessages } from './to-anthropic-messages.ts';

/** Anthropic has no default of its own. */
const DEFAULT_MAX_TOKENS = 4096;
/** Fields of Anthropic's own API that clients may send along. */
const PASSED_ON = ['thinking', 'top_k', 'service_tier'] as const;

export interface AnthropicRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly wantsUsage: boolean;
}

/**
 * The request in the form of the Anthropic Messages API.
 * Throws `invalid_request` or `not_supported` with the field; nothing that was asked for is dropped in silence.
 */
export function toAnthropicRequest(value: unknown): AnthropicRequest {
  const parsed = chatRequestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const param = issue?.path.join('.') ?? 'messages';
    throw new PlatformError('invalid_request', { message: `"${param}": ${issue?.message ?? 'is not valid'}`, details: { param } });
  }
  const request = parsed.data;
  refuseUnsupported(request);
  const { system, turns } = toAnthropicMessages(request.messages);
  const tools = (request.tools ?? []).map(toTool);
  const body: Record<string, unknown> = {
    model: request.model,
    max_tokens: request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_MAX_TOKENS,
    ...(system.length === 0 ? {} : { system }),
    messages: turns,
    ...(tools.length === 0 ? {} : { tools, tool_choice: toToolChoice(request) }),
    ...(request.temperature == null ? {} : { temperature: Math.min(1, Math.max(0, request.temperature)) }),
    ...(request.top_p == null ? {} : { top_p: request.top_p }),
    ...(request.stop == null ? {} : { stop_sequences: typeof request.stop === 'string' ? [request.stop] : request.stop }),
    ...(request.user == null ? {} : { metadata: { user_id: request.user } }),
    ...(request.stream === true ? { stream: true } : {}),
  };
  for (const name of PASSED_ON) if (request[name] != null) body[name] = request[name];
  return { body, wantsUsage: request.stream_options?.include_usage === true };
}

function refuseUnsupported(request: ChatRequest): void {
  const refuse = (param: string, what: string): PlatformError =>
    new PlatformError('not_supported', { message: `models of Anthropic do not support ${what}`, details: { param } });
  if (typeof request['n'] === 'number' && request['n'] > 1) throw refuse('n', 'more than one choice ("n")');
  if (request['logprobs'] === true) throw refuse('logprobs', 'log probabilities ("logprobs")');
  if (request['audio'] != null) throw refuse('audio', 'audio');
  const format = request['response_format'];
  const type = typeof format === 'object' && format !== null ? (format as { type?: unknown }).type : undefined;
  if (type !== undefined && type !== 'text')
    throw refuse('response_format', `the response format "${String(type).slice(0, 40)}" here; ask for JSON through a tool`);
}

function toTool(tool: ChatTool, index: number): Readonly<Record<string, unknown>> {
  if (tool.type !== 'function' || tool.function == null) {
    throw new PlatformError('not_supported', {
      message: `tools[${index}] has the type "${tool.type.slice(0, 40)}"; use functions`,
      details: { param: 'tools' },
    });
  }
  const { name, description, parameters } = tool.function;
  return {
    name,
    ...(description == null ? {} : { description }),
    input_schema: parameters ?? { type: 'object', properties: {} },
    ...(tool['cache_control'] === undefined ? {} : { cache_control: tool['cache_control'] }),
  };
}

function toToolChoice(request: ChatRequest): Readonly<Record<string, unknown>> {
  const choice = request.tool_choice ?? 'auto';
  const alone = request.parallel_tool_calls === false ? { disable_parallel_tool_use: true } : {};
  if (typeof choice === 'object') return { type: 'tool', name: choice.function?.name ?? '', ...alone };
  if (choice === 'none') return { type: 'none' };
  return { type: choice === 'required' ? 'any' : 'auto', ...alone };
}
