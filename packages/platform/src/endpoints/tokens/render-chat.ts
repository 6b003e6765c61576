import type { Template } from '@huggingface/jinja';

/** The parts of a chat call that a template reads. */
export interface ChatParts {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly tools: readonly unknown[] | undefined;
  readonly addGenerationPrompt: boolean;
  /** Further variables that the caller gives, `chat_template_kwargs`. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Variables of every template that come from the tokenizer. */
export interface TemplateTokens {
  readonly bos_token?: string;
  readonly eos_token?: string;
}

const STEERING = ['chat_template', 'documents', 'continue_final_message', 'mm_processor_kwargs', 'add_special_tokens', 'prompt_embeds'] as const;

/**
 * What a template needs of the body of a chat call; a text instead where we know that our rendering would not be the engine's: parts
 * that are no text, or fields that change the template.
 */
export function chatParts(body: Readonly<Record<string, unknown>>): ChatParts | string {
  const steering = STEERING.find((field) => body[field] !== undefined && body[field] !== null && body[field] !== false);
  if (steering !== undefined) return `the request sets "${steering}"`;
  const { messages, tools, chat_template_kwargs: variables } = body;
  if (!Array.isArray(messages)) return 'the request has no messages';
  const plain: Readonly<Record<string, unknown>>[] = [];
  for (const message of messages as readonly unknown[]) {
    const found = plainMessage(message);
    if (typeof found === 'string') return found;
    plain.push(found);
  }
  return {
    messages: plain,
    tools: Array.isArray(tools) && tools.length > 0 ? tools : undefined,
    addGenerationPrompt: body['add_generation_prompt'] !== false,
    variables: typeof variables === 'object' && variables !== null ? (variables as Readonly<Record<string, unknown>>) : {},
  };
}

/** The text of a chat as the model reads it. Throws what the template throws. */
export function renderChat(template: Pick<Template, 'render'>, parts: ChatParts, tokens: TemplateTokens): string {
  return template.render({
    ...tokens,
    ...parts.variables,
    messages: parts.messages,
    add_generation_prompt: parts.addGenerationPrompt,
    ...(parts.tools === undefined ? {} : { tools: parts.tools }),
  });
}

function plainMessage(message: unknown): Readonly<Record<string, unknown>> | string {
  if (typeof message !== 'object' || message === null) return 'a message is no object';
  const { content, tool_calls: calls, ...rest } = message as Readonly<Record<string, unknown>>;
  const text = contentOf(content);
  if (text === undefined) return 'a message has parts that are no text';
  return { ...rest, content: text, ...(Array.isArray(calls) ? { tool_calls: calls.map(withParsedArguments) } : {}) };
}

/** Templates want one text; vLLM joins text parts with line ends. */
function contentOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part: unknown) => (part as { readonly text?: unknown } | null)?.text);
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : undefined;
}

/** vLLM hands a template the arguments of a call as a value, not as the text that the API carries. */
function withParsedArguments(call: unknown): unknown {
  const { function: named } = (call ?? {}) as { readonly function?: { readonly arguments?: unknown } };
  if (typeof named?.arguments !== 'string') return call;
  try {
    return { ...(call as object), function: { ...named, arguments: JSON.parse(named.arguments) as unknown } };
  } catch {
    return call;
  }
}
