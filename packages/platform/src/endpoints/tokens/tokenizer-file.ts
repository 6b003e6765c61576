import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { type ChatParts, renderChat, type TemplateTokens } from './render-chat.ts';

const MAX_BYTES = 128 * 1024 * 1024;

/** A model's own tokenizer and chat template. */
export interface FileTokenizer {
  /** Token ids of a completion's prompt. */
  encodePrompt(text: string): readonly number[];
  /** Token ids of a chat; throws `not_supported` where there is no template. */
  encodeChat(parts: ChatParts): readonly number[];
}

/**
 * Reads `tokenizer.json`, and `tokenizer_config.json` and `chat_template.jinja` where they stand beside it, as Hugging Face writes them.
 * Throws `config_invalid`.
 */
export async function readTokenizer(path: string): Promise<FileTokenizer> {
  const folder = dirname(path);
  const [{ Tokenizer }, { Template }] = await Promise.all([import('@huggingface/tokenizers'), import('@huggingface/jinja')]);
  const data = await readObject(path);
  const config = await readObject(join(folder, 'tokenizer_config.json')).catch(() => ({}));
  let tokenizer: InstanceType<typeof Tokenizer>;
  try {
    tokenizer = new Tokenizer(data, config);
  } catch (cause) {
    throw new PlatformError('config_invalid', { message: `${path} is no tokenizer that can be used: ${(cause as Error).message}`, cause });
  }
  const source = (await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => undefined)) ?? templateOf(config);
  const template = source === undefined ? undefined : new Template(source);
  const tokens = templateTokens(config);
  return {
    encodePrompt: (text) => tokenizer.encode(text).ids,
    encodeChat: (parts) => {
      if (template === undefined) throw new PlatformError('not_supported', { message: `no chat template stands beside ${path}` });
      // The template writes the special tokens itself.
      return tokenizer.encode(renderChat(template, parts, tokens), { add_special_tokens: false }).ids;
    },
  };
}

async function readObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const text = await readFile(path);
    if (text.length > MAX_BYTES) throw new PlatformError('config_invalid', { message: `${path} has more than ${MAX_BYTES} bytes` });
    return JSON.parse(text.toString()) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new PlatformError('config_invalid', { message: `the tokenizer ${path} can not be read: ${(cause as Error).message}`, cause });
  }
}

function templateOf(config: Readonly<Record<string, unknown>>): string | undefined {
  const { chat_template: template } = config;
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return undefined;
  const named = template as readonly { readonly name?: string; readonly template?: string }[];
  return (named.find(({ name }) => name === 'default') ?? named[0])?.template;
}

function templateTokens(config: Readonly<Record<string, unknown>>): TemplateTokens {
  const textOf = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : typeof value === 'object' && value !== null ? textOf((value as { readonly content?: unknown }).content) : undefined;
  const [bos, eos] = [textOf(config['bos_token']), textOf(config['eos_token'])];
  return { ...(bos === undefined ? {} : { bos_token: bos }), ...(eos === undefined ? {} : { eos_token: eos }) };
}
