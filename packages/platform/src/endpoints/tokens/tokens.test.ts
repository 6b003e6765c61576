import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createDegradations } from '../degradations.ts';
import { createPromptTokenizer, type TokenRequest } from './prompt-tokens.ts';
import { chatParts } from './render-chat.ts';
import type { TokenizePool } from './tokenize-pool.ts';
import { readTokenizer } from './tokenizer-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A tokenizer of whole words. */
function writeTokenizer(): string {
  const vocab = { '[UNK]': 0, hello: 1, world: 2, user: 3, assistant: 4, '<|start|>': 5 };
  const path = join(folder, 'tokenizer.json');
  const special = { id: 5, content: '<|start|>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  writeFileSync(
    path,
    JSON.stringify({
      added_tokens: [special],
      normalizer: null,
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
    }),
  );
  const template =
    '{% for m in messages %}{{ bos_token }}{{ m.role }} {{ m.content }} {% endfor %}{% if add_generation_prompt %}{{ bos_token }}assistant{% endif %}';
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ bos_token: { content: '<|start|>' }, chat_template: template }));
  return path;
}

describe("a model's own tokenizer", () => {
  it('gives the ids of a prompt, and of a chat by its template', async () => {
    const tokenizer = await readTokenizer(writeTokenizer());
    const parts = chatParts({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hello' },
            { type: 'text', text: 'world' },
          ],
        },
      ],
    });

    expect(tokenizer.encodePrompt('world hello')).toEqual([2, 1]);
    expect(typeof parts === 'string' ? parts : tokenizer.encodeChat(parts)).toEqual([5, 3, 1, 2, 5, 4]);
  });

  it('is refused with the reason where it is none', async () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '{');

    await expect(readTokenizer(path)).rejects.toThrow(expect.objectContaining({ code: 'config_invalid' }));
    await expect(readTokenizer(join(folder, 'none.json'))).rejects.toThrow(/can not be read/);
  });
});

describe('the parts of a chat', () => {
  it.each([
    ['an image', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }, 'a message has parts that are no text'],
    ['a template of its own', { messages: [], chat_template: 'x' }, 'the request sets "chat_template"'],
    ['no messages', {}, 'the request has no messages'],
  ])('are not reproduced with %s', (_what, body, why) => {
    expect(chatParts(body)).toBe(why);
  });

  it('have the arguments of calls as values, as vLLM gives them to templates', () => {
    const calls = [{ id: 'c', function: { name: 'add', arguments: '{"a":1}' } }];

    expect(chatParts({ messages: [{ role: 'assistant', content: null, tool_calls: calls }] })).toMatchObject({
      messages: [{ content: '', tool_calls: [{ function: { name: 'add', arguments: { a: 1 } } }] }],
    });
  });
});

describe('the tokens of a prompt', () => {
  const request = (bytes = 40): TokenRequest => ({
    operation: 'completions',
    promptBytes: bytes,
    value: () => ({ prompt: 'x'.repeat(bytes), cache_salt: 'pepper' }),
  });

  function open(options: { readonly pool?: Partial<TokenizePool>; readonly ask?: (url: string) => Promise<Buffer> }) {
    const clock = createFakeClock();
    const degradations = createDegradations(clock, () => undefined);
    const tokenizer = createPromptTokenizer({
      model: 'llama',
      servedName: 'llama',
      lora: () => undefined,
      pool: options.pool as TokenizePool | undefined,
      engineUrl: () => (options.ask === undefined ? undefined : 'http://a:1'),
      client: { ask: ({ url }) => options.ask?.(url) ?? Promise.reject(new TypeError('no engine')), close: async () => undefined },
      clock,
      degradations,
    });
    return { clock, tokenizer, names: () => degradations.list().map(({ name }) => name) };
  }

  it('come from its file first', async () => {
    const { tokenizer, names } = open({ pool: { encode: async () => Uint32Array.of(1, 2) } });

    expect(await tokenizer.tokensOf(request())).toEqual({
      ids: Uint32Array.of(1, 2),
      count: 2,
      source: 'tokenizer',
      keys: { lora: undefined, salt: 'pepper' },
    });
    expect(names()).toEqual([]);
  });

  it('come from the engine where there is no file, or the file does not do', async () => {
    const ask = async (): Promise<Buffer> => Buffer.from('{"tokens":[7,8,9]}');
    const [without, failing] = [open({ ask }), open({ ask, pool: { encode: async () => 'the template fails' } })];

    expect(await without.tokenizer.tokensOf(request())).toMatchObject({ count: 3, source: 'engine' });
    expect(await failing.tokenizer.tokensOf(request())).toMatchObject({ count: 3, source: 'engine' });
    expect(failing.names()).toEqual(['tokens-not-by-file']);
  });

  it('are an estimate where nobody answers, and it learns from answers', async () => {
    const { tokenizer, names } = open({});
    expect(await tokenizer.tokensOf(request(4000))).toMatchObject({ ids: undefined, count: 1000, source: 'estimate' });

    for (let answer = 0; answer < 200; answer += 1) tokenizer.learn(4000, 2000);
    expect((await tokenizer.tokensOf(request(4000))).count).toBe(2000);
    expect(names()).toEqual(['tokens-estimated']);
  });

  it('of a burst of prompts of 100,000 tokens are an estimate as soon as a decision may wait no longer', async () => {
    const { clock, tokenizer, names } = open({ pool: { encode: () => new Promise(() => undefined) }, ask: () => expect.fail('the engine was asked too late') });
    const burst = Promise.all(Array.from({ length: 50 }, () => tokenizer.tokensOf(request(400_000))));
    await clock.advance(250);

    expect((await burst).every(({ source, count }) => source === 'estimate' && count === 100_000)).toBe(true);
    expect(names()).toEqual(['tokens-not-by-file', 'tokens-estimated']);
    expect(clock.pending()).toBe(0);
  });
});
