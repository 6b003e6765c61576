import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '#time';
import { refuse, type Script, type ScriptedServer, startScripted, streamWords } from '../__fixtures__/scripted-server.ts';
import { findModel, probeServer } from './probe-server.ts';
import { openTarget, type Target } from './target.ts';

const open: { server: ScriptedServer; target: Target }[] = [];
afterEach(async () => {
  for (const { server, target } of open.splice(0)) {
    await target.close();
    await server.close();
  }
});

async function start(script: Script, path = '') {
  const server = await startScripted(script);
  const target = openTarget({ endpoint: `${server.url}${path}`, operation: 'completions', key: 'sk-1', timeoutMs: 5000 });
  open.push({ server, target });
  return { server, target };
}
const signal = new AbortController().signal;
const probe = (target: Target) =>
  probeServer({ target, clock: createSystemClock(), signal, timeoutMs: 5000, operation: 'completions', model: 'm', streaming: true, ignoreEos: true });
const answering: Script = { answer: (response, body) => streamWords(response, body, ['a', 'b']) };

describe('finding the model', () => {
  it('takes the first one that the server lists, with its length, and sends the key', async () => {
    const { server, target } = await start(
      { ...answering, models: { status: 200, body: { data: [{ id: 'm1', max_model_len: 4096 }, { id: 'm2' }] } } },
      '/v1/',
    );

    expect(await findModel(target, undefined, signal)).toEqual({ model: 'm1', maxModelLength: 4096, simulated: false });
    expect(await findModel(target, 'm2', signal)).toEqual({ model: 'm2', maxModelLength: null, simulated: false });
    expect(server.keys).toEqual(['Bearer sk-1', 'Bearer sk-1']);
  });

  it('believes a name that the server does not list', async () => {
    expect((await findModel((await start(answering)).target, 'hidden', signal)).model).toBe('hidden');
    expect((await findModel((await start({ ...answering, models: { status: 404, body: {} } })).target, 'hidden', signal)).model).toBe('hidden');
  });

  it.each([
    [200, { data: [] }, 'model_not_found'],
    [404, {}, 'upstream_garbage'],
    [401, { error: 'no' }, 'upstream_credentials'],
  ])('says what to do when the list is status %s %j', async (status, body, code) => {
    const { target } = await start({ ...answering, models: { status, body } });

    await expect(findModel(target, undefined, signal)).rejects.toMatchObject({ code, message: expect.stringContaining('--model') as string });
  });
});

describe('probing a server', () => {
  it('learns what a word costs, and that everything is understood', async () => {
    const { server, target } = await start(answering);

    expect(await probe(target)).toEqual({
      dialect: { ignoreEos: true, usageInStream: true, lengthField: 'max_tokens' },
      tokenizing: { tokensPerWord: 1, overheadTokens: 3 },
      simulated: false,
    });
    expect(server.bodies).toHaveLength(2);
    expect(server.bodies[0]).toMatchObject({ ignore_eos: true, stream: true, max_tokens: 2, model: 'm' });
  });

  it.each([
    ['ignore_eos', { ignoreEos: false, usageInStream: true, lengthField: 'max_tokens' }],
    ['max_tokens', { ignoreEos: false, usageInStream: true, lengthField: 'max_completion_tokens' }],
    ['stream_options', { ignoreEos: false, usageInStream: false, lengthField: 'max_tokens' }],
  ])('does without %s where the server refuses it', async (field, dialect) => {
    const { target } = await start({
      answer: (response, body) => (field in body ? refuse(response, 400, `unknown field ${field}`) : streamWords(response, body, ['a', 'b'])),
    });

    expect((await probe(target)).dialect).toEqual(dialect);
  });

  it('notes that an answer says that it is simulated', async () => {
    const { target } = await start({
      answer: (response, body) => {
        response.setHeader('x-maru-simulated', 'true');
        streamWords(response, body, ['a', 'b']);
      },
    });

    expect((await probe(target)).simulated).toBe(true);
  });

  it('takes a word for a token where the server counts nothing', async () => {
    const { target } = await start({
      answer: (response, body) => ('stream_options' in body ? refuse(response, 400, 'no') : streamWords(response, body, ['a'])),
    });

    expect((await probe(target)).tokenizing).toEqual({ tokensPerWord: 1, overheadTokens: 0 });
  });

  it('gives the words of a server that refuses everything, without trying in vain', async () => {
    const { server, target } = await start({ answer: (response) => refuse(response, 403, 'this key may not') });

    await expect(probe(target)).rejects.toMatchObject({ code: 'upstream_rejected', message: expect.stringContaining('this key may not') as string });
    expect(server.bodies).toHaveLength(1);
  });
});

describe('the address of a server', () => {
  it.each(['', 'host:8000', 'ftp://x', 'http://'])('is refused when it is "%s"', (endpoint) => {
    expect(() => openTarget({ endpoint, operation: 'chat', key: undefined, timeoutMs: 1 })).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('is shown without a name and a password', () => {
    const target = openTarget({ endpoint: 'https://user:secret@host.example/openai/', operation: 'chat', key: 'k', timeoutMs: 1 });

    expect(target.url).toBe('https://host.example/openai');
  });
});
