import { PlatformError } from '@maru/api/errors';
import { SseParser } from '#http';
import { fromAnthropicUsage, mergeUsage, toFinishReason } from './anthropic-usage.ts';
import { type AnthropicEvent, type AnthropicUsage, anthropicEventSchema } from './anthropic-wire.ts';

export interface TranslateStreamOptions {
  readonly endpoint: string;
  readonly createdS: number;
  readonly wantsUsage: boolean;
}

/** Anthropic's events as OpenAI's chunks. Throws `upstream_cut` when the stream ends before its `message_stop` or reports an error. */
export async function* translateStream(body: AsyncIterable<Uint8Array>, options: TranslateStreamOptions): AsyncGenerator<Buffer, void, undefined> {
  const parser = new SseParser();
  const translator = new Translator(options);
  for await (const bytes of body) {
    const out = parser
      .push(bytes)
      .map((event) => translator.take(parseEvent(event.data, options.endpoint)))
      .join('');
    if (out !== '') yield Buffer.from(out);
  }
  if (translator.done) return;
  throw new PlatformError('upstream_cut', {
    message: `${options.endpoint} ended its stream before the answer was complete`,
    details: { endpoint: options.endpoint },
  });
}

class Translator {
  readonly #options: TranslateStreamOptions;
  #id = '';
  #model = '';
  #usage: AnthropicUsage = {};
  #calls = 0;
  #finishReason: string | undefined;
  done = false;

  constructor(options: TranslateStreamOptions) {
    this.#options = options;
  }

  /** The chunks that an event becomes. */
  take(event: AnthropicEvent): string {
    if (event.usage != null) this.#usage = mergeUsage(this.#usage, event.usage);
    switch (event.type) {
      case 'message_start':
        this.#id = event.message?.id ?? '';
        this.#model = event.message?.model ?? '';
        this.#usage = event.message?.usage ?? {};
        return this.#delta({ role: 'assistant', content: '' });
      case 'content_block_start':
        return this.#startBlock(event);
      case 'content_block_delta':
        return this.#continueBlock(event);
      case 'message_delta':
        this.#finishReason = toFinishReason(event.delta?.stop_reason);
        return '';
      case 'message_stop':
        return this.#end();
      case 'error':
        throw new PlatformError('upstream_cut', {
          message: `${this.#options.endpoint} broke off its answer: ${(event.error?.message ?? 'no message').slice(0, 500)}`,
          details: { endpoint: this.#options.endpoint, upstreamCode: event.error?.type ?? null },
        });
      default:
        return '';
    }
  }

  #startBlock(event: AnthropicEvent): string {
    const block = event.content_block;
    if (block?.type === 'text' && block.text != null && block.text !== '') return this.#delta({ content: block.text });
    if (block?.type !== 'tool_use') return '';
    this.#calls += 1;
    return this.#delta({ tool_calls: [{ index: this.#calls - 1, id: block.id ?? '', type: 'function', function: { name: block.name ?? '', arguments: '' } }] });
  }

  #continueBlock(event: AnthropicEvent): string {
    const delta = event.delta;
    if (delta?.type === 'text_delta') return this.#delta({ content: delta.text ?? '' });
    if (delta?.type === 'thinking_delta') return this.#delta({ reasoning_content: delta.thinking ?? '' });
    if (delta?.type === 'input_json_delta') return this.#delta({ tool_calls: [{ index: this.#calls - 1, function: { arguments: delta.partial_json ?? '' } }] });
    return '';
  }

  #end(): string {
    this.done = true;
    const finish = this.#chunk({ choices: [{ index: 0, delta: {}, finish_reason: this.#finishReason ?? 'stop' }] });
    const usage = this.#options.wantsUsage ? this.#chunk({ choices: [], usage: fromAnthropicUsage(this.#usage) }) : '';
    return `${finish}${usage}data: [DONE]\n\n`;
  }

  #delta(delta: object): string {
    return this.#chunk({ choices: [{ index: 0, delta, finish_reason: null }] });
  }

  #chunk(fields: object): string {
    const head = { id: this.#id, object: 'chat.completion.chunk', created: this.#options.createdS, model: this.#model };
    return `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
  }
}

function parseEvent(data: string, endpoint: string): AnthropicEvent {
  try {
    return anthropicEventSchema.parse(JSON.parse(data));
  } catch (cause) {
    throw new PlatformError('upstream_garbage', { message: `${endpoint} sent an event that is not of the Anthropic API`, cause, details: { endpoint } });
  }
}
