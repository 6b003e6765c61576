import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPlatformError } from '../../packages/api/src/errors/index.ts';
import {
  chatChunkSchema,
  chatCompletionSchema,
  completionSchema,
  embeddingListSchema,
  fromWireUsage,
  type WireUsage,
  wireErrorSchema,
} from '../../packages/api/src/wire/index.ts';
import { type Engine, type EngineOperation, type EngineReply, speaksOf } from '../../packages/platform/src/engines/index.ts';
import { type CanonicalEvent, type CanonicalRequest, loadFormat, WIRE_FORMATS, type WireFormat } from '../../packages/platform/src/formats/index.ts';
import { SseParser } from '../../packages/platform/src/http/index.ts';

/** An engine under examination and what it stands on. */
export interface EngineHarness {
  readonly engine: Engine;
  readonly operations: readonly EngineOperation[];
  /** A request whose streamed answer has many chunks, so that it can be aborted in the middle. */
  readonly longPrompt: string;
  /** Closes the engine and whatever was started for it. */
  close(): Promise<void>;
}

/** The examination that every implementation of the {@link Engine} port sits. */
export function describeEngine(name: string, makeEngine: () => Promise<EngineHarness>): void {
  describe(`engine ${name}`, () => {
    let harness: EngineHarness;
    let engine: Engine;

    beforeEach(async () => {
      harness = await makeEngine();
      engine = harness.engine;
    });

    afterEach(async () => {
      await harness.close();
    });

    const speaks = (format: WireFormat): boolean => harness.operations.includes('chat') && speaksOf(engine).includes(format);

    const callIn = async (format: WireFormat, request: Partial<CanonicalRequest>, signal?: AbortSignal): Promise<EngineReply> => {
      const whole: CanonicalRequest = { model: engine.servedName, stream: false, messages: ask('Hello, who are you?'), maxTokens: 64, ...request };
      const { body } = (await loadFormat(format)).encodeRequest(whole);
      return engine.call({
        operation: 'chat',
        format,
        body: Buffer.from(JSON.stringify(body)),
        stream: whole.stream,
        headers: { 'x-request-id': 'req_conformance' },
        signal: signal ?? new AbortController().signal,
      });
    };

    const call = (operation: EngineOperation, body: object, signal?: AbortSignal): Promise<EngineReply> =>
      engine.call({
        operation,
        body: Buffer.from(JSON.stringify({ model: engine.servedName, ...body })),
        stream: 'stream' in body && body.stream === true,
        headers: { 'x-request-id': 'req_conformance' },
        signal: signal ?? new AbortController().signal,
      });

    it('says who it is', () => {
      expect(engine.endpoint).toMatch(/\S/);
      expect(engine.model).toMatch(/\S/);
      expect(engine.provider).toMatch(/\S/);
      expect(engine.servedName).toMatch(/\S/);
    });

    it('answers a chat with usage', async (context) => {
      if (!speaks('openai-chat')) context.skip();

      const reply = await call('chat', { messages: [{ role: 'user', content: 'Hello, who are you?' }] });

      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toContain('application/json');
      const answer = chatCompletionSchema.parse(await readJson(reply));
      expect(answer.choices[0]?.message.role).toBe('assistant');
      expect(answer.choices[0]?.message.content).toMatch(/\S/);
      expect(answer.choices[0]?.finish_reason).toMatch(/^(stop|length)$/);
      expectUsage(answer.usage);
    });

    it('streams a chat as chunks that end with a finish reason, usage and [DONE]', async (context) => {
      if (!speaks('openai-chat')) context.skip();

      const reply = await call('chat', {
        messages: [{ role: 'user', content: 'Hello, who are you?' }],
        stream: true,
        stream_options: { include_usage: true },
      });

      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toContain('text/event-stream');
      const data = await readEvents(reply);
      expect(data.at(-1)).toBe('[DONE]');
      const chunks = data.slice(0, -1).map((text) => chatChunkSchema.parse(JSON.parse(text)));
      expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toMatch(/\S/);
      expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason != null)).toHaveLength(1);
      const last = chunks.at(-1);
      expect(last?.choices).toEqual([]);
      expectUsage(last?.usage);
    });

    it('stops within an aborted stream and counts the request no longer', async (context) => {
      if (!speaks('openai-chat')) context.skip();
      const controller = new AbortController();
      const reply = await call('chat', { messages: [{ role: 'user', content: harness.longPrompt }], stream: true }, controller.signal);

      const outcome = await readUntilAborted(reply, controller);

      expect(isPlatformError(outcome, 'cancelled')).toBe(true);
      expect(engine.load().running).toBe(0);
    });

    it('does not start a request that was aborted before', async (context) => {
      if (!speaks('openai-chat')) context.skip();

      const outcome = await call('chat', { messages: [{ role: 'user', content: 'Hello' }] }, AbortSignal.abort()).catch((error: unknown) => error);

      expect(isPlatformError(outcome, 'cancelled')).toBe(true);
      expect(engine.load()).toMatchObject({ running: 0, waiting: 0 });
    });

    it('counts a request while it runs', async (context) => {
      if (!speaks('openai-chat')) context.skip();
      const reply = await call('chat', { messages: [{ role: 'user', content: harness.longPrompt }], stream: true });

      expect(engine.load().running + engine.load().waiting).toBe(1);
      await readEvents(reply);

      expect(engine.load().running + engine.load().waiting).toBe(0);
    });

    it('counts a request no longer when its reader stops early', async (context) => {
      if (!speaks('openai-chat')) context.skip();
      const reply = await call('chat', { messages: [{ role: 'user', content: harness.longPrompt }], stream: true });

      for await (const _chunk of reply.body) break;

      expect(engine.load().running).toBe(0);
    });

    it('answers a request without messages with status 400 and an error object', async (context) => {
      if (!speaks('openai-chat')) context.skip();

      const reply = await call('chat', {});

      expect(reply.status).toBe(400);
      expect(wireErrorSchema.parse(await readJson(reply)).error.message).toMatch(/\S/);
      expect(engine.load().running).toBe(0);
    });

    for (const format of WIRE_FORMATS) {
      it(`answers in the format ${format} when it speaks it`, async (context) => {
        if (!speaks(format)) context.skip();

        const reply = await callIn(format, {});

        expect(reply.status).toBe(200);
        expect(reply.headers['content-type']).toContain('application/json');
        const answer = (await loadFormat(format)).decodeAnswer(await readJson(reply));
        expect(answer.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toMatch(/\S/);
        expect(answer.finishReason).toMatch(/^(stop|length)$/);
        expect(answer.usage?.inputTokens).toBeGreaterThan(0);
        expect(answer.usage?.outputTokens).toBeGreaterThan(0);
      });

      it(`streams in the format ${format} to its end when it speaks it`, async (context) => {
        if (!speaks(format)) context.skip();

        const events = await readCanonical(format, await callIn(format, { stream: true, streamUsage: true }));

        expect(events.at(0)?.type).toBe('start');
        expect(events.at(-1)).toEqual({ type: 'end' });
        expect(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')).toMatch(/\S/);
        expect(events.filter((event) => event.type === 'finish')).toHaveLength(1);
        expect(events.some((event) => 'usage' in event && event.usage !== undefined)).toBe(true);
        expect(engine.load().running).toBe(0);
      });

      it(`stops within an aborted stream in the format ${format}`, async (context) => {
        if (!speaks(format)) context.skip();
        const controller = new AbortController();
        const reply = await callIn(format, { stream: true, messages: ask(harness.longPrompt) }, controller.signal);

        const outcome = await readUntilAborted(reply, controller);

        expect(isPlatformError(outcome, 'cancelled')).toBe(true);
        expect(engine.load().running).toBe(0);
      });
    }

    it('refuses formats that it does not speak', async (context) => {
      // An engine that names no formats looks at none.
      if (engine.speaks === undefined || !harness.operations.includes('chat')) context.skip();
      for (const format of WIRE_FORMATS) {
        if (speaks(format)) continue;

        expect(isPlatformError(await callIn(format, {}).catch((error: unknown) => error), 'not_supported')).toBe(true);
      }
    });

    it('completes a text with usage', async (context) => {
      if (!harness.operations.includes('completions')) context.skip();

      const reply = await call('completions', { prompt: 'Once upon a time', max_tokens: 8 });

      expect(reply.status).toBe(200);
      const answer = completionSchema.parse(await readJson(reply));
      expect(answer.choices).toHaveLength(1);
      expectUsage(answer.usage);
    });

    it('embeds texts in their order, with vectors of one length', async (context) => {
      if (!harness.operations.includes('embeddings')) context.skip();

      const reply = await call('embeddings', { input: ['first text', 'second text', 'third'], encoding_format: 'float' });

      expect(reply.status).toBe(200);
      const answer = embeddingListSchema.parse(await readJson(reply));
      expect(answer.data.map((row) => row.index)).toEqual([0, 1, 2]);
      expect(new Set(answer.data.map((row) => row.embedding.length)).size).toBe(1);
      expect(answer.data[0]?.embedding.length).toBeGreaterThan(0);
    });

    it('refuses an operation that it does not offer', async () => {
      for (const operation of ['chat', 'completions', 'embeddings'] as const) {
        if (harness.operations.includes(operation)) continue;

        const outcome = await call(operation, { messages: [{ role: 'user', content: 'x' }], prompt: 'x', input: 'x' }).catch((error: unknown) => error);

        expect(isPlatformError(outcome, 'not_supported')).toBe(true);
      }
    });

    it('can be closed twice', async () => {
      await engine.close();
      await engine.close();
    });
  });
}

const ask = (text: string): CanonicalRequest['messages'] => [{ role: 'user', content: [{ type: 'text', text }] }];

async function readCanonical(format: WireFormat, reply: EngineReply): Promise<readonly CanonicalEvent[]> {
  const decoder = (await loadFormat(format)).createStreamDecoder();
  const events: CanonicalEvent[] = [];
  for await (const chunk of reply.body) events.push(...decoder.push(chunk));
  return [...events, ...decoder.end()];
}

async function readBytes(reply: EngineReply): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const readJson = async (reply: EngineReply): Promise<unknown> => JSON.parse((await readBytes(reply)).toString('utf8')) as unknown;

async function readEvents(reply: EngineReply): Promise<string[]> {
  const parser = new SseParser();
  const data: string[] = [];
  for await (const chunk of reply.body) data.push(...parser.push(chunk).map((event) => event.data));
  expect(parser.rest).toBe('');
  return data;
}

async function readUntilAborted(reply: EngineReply, controller: AbortController): Promise<unknown> {
  try {
    for await (const _chunk of reply.body) controller.abort();
    return 'ended';
  } catch (error) {
    return error;
  }
}

function expectUsage(wire: WireUsage | null | undefined): void {
  expect(wire).toBeTruthy();
  if (wire == null) return;
  expect(wire.prompt_tokens).toBeGreaterThan(0);
  expect(wire.completion_tokens).toBeGreaterThan(0);
  expect(wire.total_tokens).toBe((wire.prompt_tokens ?? 0) + (wire.completion_tokens ?? 0));
  expect(fromWireUsage(wire)).toBeDefined();
}
