import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replica, requestHeaders, testExchange, testPool, toldHeader } from '../__fixtures__/test-picker.ts';
import type { ProcessingResponse } from '../wire/messages.ts';

const DESTINATION = 'x-gateway-destination-endpoint';
const CHAT = JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: 'Hello' }] });
const USAGE = '{"usage":{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8}}}';
const two = () => testPool([replica('10.0.0.1:80'), replica('10.0.0.2:80')]);
const bodyOf = (sent: readonly ProcessingResponse[], side: 'requestBody' | 'responseBody'): { text: string; ends: boolean[]; longest: number } => {
  const parts = sent.flatMap((response) => response[side]?.response.bodyMutation.streamedResponse ?? []);
  return {
    text: Buffer.concat(parts.map(({ body }) => body)).toString(),
    ends: parts.map(({ endOfStream }) => endOfStream),
    longest: Math.max(0, ...parts.map(({ body }) => body.length)),
  };
};

describe('exchange', () => {
  it('names the chosen endpoint in the header and in the metadata, then passes the body on', async () => {
    const { request, sent, pool } = testExchange(two());
    await request(CHAT);

    expect(toldHeader(sent[0], DESTINATION)).toBe('10.0.0.1:80');
    expect(sent[0]?.dynamicMetadata).toEqual({
      fields: { 'envoy.lb': { structValue: { fields: { [DESTINATION]: { stringValue: '10.0.0.1:80' } } } } },
    });
    expect(bodyOf(sent, 'requestBody')).toMatchObject({ text: CHAT, ends: [true] });
    expect(pool.began).toEqual(['10.0.0.1:80']);
  });

  it('says nothing before the whole body is there', () => {
    const { exchange, sent } = testExchange(two());
    void exchange.receive(requestHeaders({}));
    void exchange.receive({ requestBody: { body: Buffer.from(CHAT), endOfStream: false } });

    expect(sent).toEqual([]);
  });

  it('lists where to go on when the first endpoint fails, as often as it is asked to', async () => {
    const { request, sent } = testExchange(testPool([1, 2, 3, 4].map((number) => replica(`10.0.0.${number}:80`))), { maxEndpoints: 3 });
    await request(CHAT);

    const order = toldHeader(sent[0], DESTINATION)?.split(',') ?? [];
    expect(order[0]).toBe('10.0.0.1:80');
    expect(new Set(order).size).toBe(3);
  });

  it('passes any body on unchanged in pieces of at most 62,000 bytes, however it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 140_000 }), { maxLength: 4 }), fc.boolean(), async (sizes, trailers) => {
        const { exchange, sent } = testExchange(two());
        const chunks = sizes.map((size, index) => Buffer.alloc(size, 97 + index));
        await exchange.receive(requestHeaders({}));
        for (const chunk of chunks) await exchange.receive({ requestBody: { body: chunk, endOfStream: false } });
        await exchange.receive(trailers ? { requestTrailers: {} } : { requestBody: { body: new Uint8Array(0), endOfStream: true } });
        const { text, ends, longest } = bodyOf(sent, 'requestBody');

        expect(text).toBe(Buffer.concat(chunks).toString());
        expect(longest).toBeLessThanOrEqual(62_000);
        expect(ends.slice(0, -1).includes(true)).toBe(false);
        expect(ends.at(-1)).toBe(!trailers);
        expect(sent.at(-1)?.requestTrailers !== undefined).toBe(trailers);
      }),
      { numRuns: 40 },
    );
  });

  it('chooses for a request without a body, and where the proxy shows no body', async () => {
    const without = testExchange(two());
    await without.exchange.receive({ requestHeaders: { endOfStream: true } });
    const hidden = testExchange(two());
    await hidden.exchange.receive(requestHeaders({}, { protocolConfig: { requestBodyMode: 0, responseBodyMode: 0 } }));

    for (const { sent } of [without, hidden]) {
      expect(toldHeader(sent[0], DESTINATION)).toBe('10.0.0.1:80');
      expect(sent).toHaveLength(1);
    }
  });

  it('refuses a mode that it does not speak', () => {
    const { exchange } = testExchange(two());
    expect(() => exchange.receive(requestHeaders({}, { protocolConfig: { requestBodyMode: 2, responseBodyMode: 4 } }))).toThrow(
      /another request_body_mode than FULL_DUPLEX_STREAMED or NONE/,
    );
  });

  it('answers nothing where the proxy only observes', async () => {
    const { exchange, sent } = testExchange(two());
    await exchange.receive(requestHeaders({}, { observabilityMode: true }));

    expect(sent).toEqual([]);
  });

  it('refuses a body over the limit and takes no more of it', async () => {
    const { exchange, sent, pool, picks } = testExchange(two(), { maxBodyBytes: 10 });
    await exchange.receive(requestHeaders({}));
    for (let part = 0; part < 3; part += 1) await exchange.receive({ requestBody: { body: Buffer.alloc(8), endOfStream: part === 2 } });

    expect(sent.map(({ immediateResponse }) => immediateResponse?.status.code)).toEqual([413]);
    expect(pool.began).toEqual([]);
    expect(picks).toEqual(['refused']);
  });

  it('spreads bodies that it can not read: the engine knows what to answer', async () => {
    const { request, sent } = testExchange(two());
    await request('{"messages": [broken');

    expect(toldHeader(sent[0], DESTINATION)).toBe('10.0.0.1:80');
    expect(bodyOf(sent, 'requestBody').text).toBe('{"messages": [broken');
  });

  it('does not choose after the proxy has broken off', async () => {
    let tell: () => void = () => undefined;
    const tokens = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const { exchange, sent, pool } = testExchange(testPool([replica('10.0.0.1:80')], () => tokens));
    await exchange.receive(requestHeaders({}));
    const choosing = exchange.receive({ requestBody: { body: Buffer.from(CHAT), endOfStream: true } });
    exchange.cancel();
    tell();
    await choosing;

    expect([sent, pool.began]).toEqual([[], []]);
  });
});

describe('answer of an exchange', () => {
  it('passes through, and its usage is joined with the decision', async () => {
    const { request, answer, router, sent, pool } = testExchange(two());
    await request(CHAT);
    answer(200, USAGE, { served: '10.0.0.1:80' });

    expect(bodyOf(sent, 'responseBody')).toMatchObject({ text: USAGE, ends: [true] });
    expect(router.decisions()[0]).toMatchObject({ chosen: '10.0.0.1:80', realisedCachedTokens: 8 });
    expect(pool.ended).toEqual([{ address: '10.0.0.1:80', tokens: 12 }]);
  });

  it('tells the time of the first token of a stream', async () => {
    const { request, exchange, router, clock } = testExchange(two());
    await request(CHAT);
    const headers = [':status', '200', 'content-type', 'text/event-stream; charset=utf-8'];
    await exchange.receive({
      responseHeaders: { headers: { headers: [0, 2].map((at) => ({ key: headers[at] ?? '', rawValue: Buffer.from(headers[at + 1] ?? '') })) } },
    });
    await clock.advance(120);
    await exchange.receive({ responseBody: { body: Buffer.from('data: {}\n\n'), endOfStream: false } });
    await clock.advance(500);
    await exchange.receive({ responseBody: { body: Buffer.from(`data: ${USAGE}\n\ndata: [DONE]\n\n`), endOfStream: true } });

    expect(router.decisions()[0]).toMatchObject({ realisedTtftMs: 120, realisedCachedTokens: 8 });
  });

  it('books the request on the endpoint that served it when the gateway went on', async () => {
    const { request, answer, router, pool } = testExchange(two(), { maxEndpoints: 2 });
    await request(CHAT);
    answer(200, USAGE, { served: '10.0.0.2:80' });

    const [last, first] = router.decisions();
    expect(first).toMatchObject({ chosen: '10.0.0.1:80', realisedCachedTokens: null });
    expect(last).toMatchObject({ chosen: '10.0.0.2:80', realisedCachedTokens: 8 });
    expect(last?.reason).toContain('the gateway went on from 10.0.0.1:80');
    expect(pool.ended.map(({ address }) => address)).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
  });

  it('reads the served address from the attributes of a plain Envoy', async () => {
    const { request, exchange, router } = testExchange(two());
    await request(CHAT);
    await exchange.receive({
      responseHeaders: { headers: { headers: [{ key: ':status', rawValue: Buffer.from('200') }] }, endOfStream: true },
      attributes: { 'envoy.filters.http.ext_proc': { fields: { 'upstream.address': { stringValue: '10.0.0.2:80' } } } },
    });

    expect(router.decisions()[0]?.chosen).toBe('10.0.0.2:80');
  });

  it('ends the load of an endpoint that was not reached, and says nothing of its cache', async () => {
    const pool = two();
    const { request, answer, router } = testExchange(pool);
    await request(CHAT);
    answer(503, 'no healthy upstream');

    expect(pool.ended).toEqual([{ address: '10.0.0.1:80', tokens: undefined }]);
    expect(router.decisions()[0]?.realisedCachedTokens).toBeNull();
  });

  it('ends each booking once, whatever comes in which order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('200', '503', 'cancel', 'end', 'trailers'), { maxLength: 6 }), async (steps) => {
        const pool = two();
        const { request, answer, exchange } = testExchange(pool);
        await request(CHAT);
        for (const step of steps) {
          if (step === 'cancel') exchange.cancel();
          else if (step === 'end') exchange.end();
          else if (step === 'trailers') await exchange.receive({ responseTrailers: {} });
          else answer(Number(step), USAGE);
        }
        exchange.end();

        expect(pool.began).toEqual(['10.0.0.1:80']);
        expect(pool.ended).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('refusal', () => {
  const immediate = (sent: readonly ProcessingResponse[]) => {
    const [response] = sent;
    return { ...response?.immediateResponse, body: Buffer.from(response?.immediateResponse?.body ?? '').toString() };
  };

  it('is a 503 where no endpoint is ready', async () => {
    const { request, sent, picks } = testExchange(testPool([]));
    await request(CHAT);

    expect(immediate(sent)).toMatchObject({ status: { code: 503 }, details: 'maru_picker_no_endpoint' });
    expect(immediate(sent).body).toContain('no replica of \\"llama\\" is ready');
    expect(toldHeader(sent[0], 'retry-after')).toBe('1');
    expect(picks).toEqual(['refused']);
  });

  it('is a 503 where the gateway allows none of the ready ones, and never another endpoint', async () => {
    const subset = (...addresses: string[]) => ({
      metadataContext: {
        filterMetadata: {
          'envoy.lb.subset_hint': {
            fields: { 'x-gateway-destination-endpoint-subset': { listValue: { values: addresses.map((stringValue) => ({ stringValue })) } } },
          },
        },
      },
    });
    const outside = testExchange(two());
    await outside.exchange.receive({ requestHeaders: { endOfStream: true }, ...subset('10.9.9.9:80') });
    const inside = testExchange(two(), { maxEndpoints: 4 });
    await inside.exchange.receive({ requestHeaders: { endOfStream: true }, ...subset('10.0.0.2:80', '10.9.9.9:80') });

    expect(immediate(outside.sent).body).toContain('none of the 2 ready replicas');
    expect(toldHeader(inside.sent[0], DESTINATION)).toBe('10.0.0.2:80');
  });

  it('is a 429 with a reason for sheddable requests when the endpoints are full, and for no others', async () => {
    const full = () => testPool([replica('10.0.0.1:80', { waiting: 9, kvUse: 0.2 })]);
    const shed = testExchange(full());
    await shed.request(CHAT, { 'x-gateway-inference-objective': 'sheddable' });
    const usual = testExchange(full());
    await usual.request(CHAT, { 'x-gateway-inference-objective': 'unknown' });

    expect(immediate(shed.sent).status).toEqual({ code: 429 });
    expect(toldHeader(shed.sent[0], 'x-llm-d-request-dropped-reason')).toBe('saturated');
    expect(toldHeader(usual.sent[0], DESTINATION)).toBe('10.0.0.1:80');
  });

  it('does not shed because reports are missing', async () => {
    const { request, sent } = testExchange(testPool([replica('10.0.0.1:80')]));
    await request(CHAT, { 'x-gateway-inference-objective': 'sheddable' });

    expect(toldHeader(sent[0], DESTINATION)).toBe('10.0.0.1:80');
  });
});
