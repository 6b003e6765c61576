import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestRoom, type TestRoom } from '../__fixtures__/open-test-room.ts';
import { decodeOtlp } from './decode.ts';
import { otlpError } from './reply.ts';
import { otlpType } from './schema.ts';
import { toEntries } from './to-entries.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

const traceId = 'd0586148f4f80cfa4f7848d7b5b7f21c';
const spanId = '449fc57c620fa726';
const span = (fields: object = {}) => ({
  traceId,
  spanId,
  name: 'llm',
  startTimeUnixNano: '1795252293469000000',
  endTimeUnixNano: '1795252293469253948',
  ...fields,
});
const request = (...spans: readonly object[]) => ({
  resourceSpans: [{ resource: { attributes: [text('service.name', 'shop')] }, scopeSpans: [{ scope: { name: 'lib' }, spans }] }],
});
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const send = (body: Uint8Array, more: { contentType?: string; encoding?: string } = {}) =>
  room.traces.ingestOtlp({ body, contentType: more.contentType ?? 'application/json', encoding: more.encoding, signal: 'traces', tenant: 'default' });

async function protobuf(value: unknown): Promise<Uint8Array> {
  const type = await otlpType('ExportTraceServiceRequest');
  const withBytes = JSON.parse(JSON.stringify(value)) as { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
  for (const item of withBytes.resourceSpans.flatMap((part) => part.scopeSpans.flatMap((scope) => scope.spans)))
    for (const key of ['traceId', 'spanId', 'parentSpanId']) if (typeof item[key] === 'string') item[key] = Buffer.from(item[key], 'hex');
  return type.encode(type.fromObject(withBytes)).finish();
}

describe('OTLP over HTTP', () => {
  it('is the same in JSON, in protobuf and packed', async () => {
    const body = request(
      span({
        attributes: [text('gen_ai.operation.name', 'chat'), { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } }],
        status: { code: 2, message: 'cut' },
      }),
    );
    const forms = [
      () => send(json(body)),
      () => send(gzipSync(json(body)), { encoding: 'gzip', contentType: 'application/json; charset=utf-8' }),
      async () => send(deflateSync(await protobuf(body)), { encoding: 'deflate', contentType: 'application/x-protobuf' }),
    ];
    for (const form of forms) {
      expect(await form()).toMatchObject({ status: 200, accepted: 1, rejected: 0 });
      await room.traces.flush();

      const trace = await room.traces.getTrace(traceId);
      expect(trace?.spans).toHaveLength(1);
      expect(trace?.spans[0]).toMatchObject({
        spanId,
        kind: 'engine',
        status: 'error',
        statusMessage: 'cut',
        usage: { inputTokens: 12 },
        attributes: { 'service.name': 'shop', 'otel.scope.name': 'lib' },
      });
      expect((trace?.spans[0]?.endMs ?? 0) - (trace?.spans[0]?.startMs ?? 0)).toBeCloseTo(0.254, 3);
      await room.store.db.deleteFrom('span').execute();
    }
  });

  it('takes ids in base64, as plain protobuf-to-JSON converters write them', async () => {
    await send(json(request(span({ traceId: Buffer.from(traceId, 'hex').toString('base64'), spanId: Buffer.from(spanId, 'hex').toString('base64url') }))));
    await room.traces.flush();

    expect((await room.traces.getTrace(traceId))?.spans).toMatchObject([{ spanId }]);
  });

  it('takes the good spans, counts the others and says why', async () => {
    const reply = await send(
      json(request(span({ traceId: '' }), span({ spanId: '0'.repeat(16) }), span({ startTimeUnixNano: 'soon' }), span({ attributes: {} }), span())),
    );
    await room.traces.flush();

    expect(reply).toMatchObject({ accepted: 1, rejected: 4 });
    expect(JSON.parse(Buffer.from(reply.body).toString())).toEqual({
      partialSuccess: { rejectedSpans: '4', errorMessage: 'a span has no valid traceId (16 bytes, not all zero)' },
    });
    expect((await room.traces.listTraces({})).items).toHaveLength(1);
  });

  it('answers protobuf in protobuf', async () => {
    const type = await otlpType('ExportTraceServiceResponse');
    const good = await send(await protobuf(request(span())), { contentType: 'application/x-protobuf' });
    const bad = await send(await protobuf(request(span({ spanId: '' }))), { contentType: 'application/x-protobuf' });

    expect(good).toMatchObject({ contentType: 'application/x-protobuf' });
    expect(good.body).toHaveLength(0);
    expect(type.toObject(type.decode(bad.body), { longs: Number })).toMatchObject({ partialSuccess: { rejectedSpans: 1 } });
  });

  it('answers errors as the clients of OTLP read them', async () => {
    const type = await otlpType('RpcStatus');
    const refused = await otlpError('application/x-protobuf', { status: 415, message: 'no' });

    expect(refused.status).toBe(415);
    expect(type.toObject(type.decode(refused.body))).toEqual({ code: 3, message: 'no' });
    expect(JSON.parse(Buffer.from((await otlpError(undefined, { status: 503, message: 'later' })).body).toString())).toEqual({ code: 14, message: 'later' });
  });

  it.each([
    ['another content type', { body: json({}), contentType: 'text/plain' }, 'unsupported_media_type'],
    ['another encoding', { body: json({}), encoding: 'br' }, 'unsupported_media_type'],
    ['a body that is not gzip', { body: json({}), encoding: 'gzip' }, 'invalid_request'],
    ['a bomb', { body: gzipSync(Buffer.alloc(33 * 1024 * 1024)), encoding: 'gzip' }, 'body_too_large'],
    ['broken JSON', { body: Buffer.from('{"resourceSpans":[') }, 'invalid_json'],
    ['JSON of another form', { body: json({ resourceSpans: 5 }) }, 'invalid_request'],
    ['a list', { body: json([]) }, 'invalid_request'],
    ['broken protobuf', { body: Buffer.from([10, 255, 255, 255]), contentType: 'application/x-protobuf' }, 'invalid_request'],
  ])('refuses %s', async (_, { body, ...more }, code) => {
    await expect(send(body, more)).rejects.toMatchObject({ code });
  });

  it('keeps links and events, and puts the messages of old events where they belong', async () => {
    const events = [
      { name: 'gen_ai.user.message', timeUnixNano: '1', attributes: [text('content', 'hi')] },
      { name: 'gen_ai.choice', attributes: [text('message', 'hello')] },
      { name: 'exception', timeUnixNano: '1795252293469000000', attributes: [text('exception.message', 'no network')] },
    ];
    await send(json(request(span({ events, links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) }] }))));
    await room.traces.flush();

    expect((await room.traces.getTrace(traceId))?.spans[0]).toMatchObject({
      statusMessage: 'no network',
      input: [{ role: 'user', content: 'hi' }],
      output: [{ message: 'hello' }],
      attributes: { events: [{ name: 'exception', atMs: 1795252293469 }], links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) }] },
    });
  });

  it('reads every value that was encoded: a round trip through protobuf', async () => {
    const value: fc.Arbitrary<{ any: object; plain: unknown }> = fc.letrec<{ value: { any: object; plain: unknown } }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string().map((plain) => ({ any: { stringValue: plain }, plain })),
        fc.boolean().map((plain) => ({ any: { boolValue: plain }, plain })),
        fc.maxSafeInteger().map((plain) => ({ any: { intValue: plain }, plain })),
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .filter((plain) => !Object.is(plain, -0))
          .map((plain) => ({ any: { doubleValue: plain }, plain })),
        fc
          .array(tie('value'), { maxLength: 3 })
          .map((items) => ({ any: { arrayValue: { values: items.map((item) => item.any) } }, plain: items.map((item) => item.plain) })),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{3,8}$/), value, { maxKeys: 5 }), async (values) => {
        const attributes = Object.entries(values).map(([key, { any }]) => ({ key, value: any }));

        const decoded = await decodeOtlp(await protobuf(request(span({ attributes }))), 'protobuf');

        const [entry] = toEntries(decoded, { tenant: 't', nowMs: 0 }).entries;
        const kept = entry?.type === 'span' ? entry.span.attributes : undefined;
        for (const [key, { plain }] of Object.entries(values)) expect(kept?.[key]).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('never fails on JSON of any form: it takes or refuses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('resourceSpans', 'scopeSpans', 'spans', 'attributes', 'events'), async (junk, where) => {
        const body = {
          resourceSpans: [
            { scopeSpans: [{ spans: [span()], ...(where === 'spans' ? { spans: junk } : {}) }], ...(where === 'scopeSpans' ? { scopeSpans: junk } : {}) },
          ],
          ...(where === 'resourceSpans' ? { resourceSpans: junk } : {}),
        };
        const withSpan = where === 'attributes' || where === 'events' ? request(span({ [where]: junk })) : body;
        const outcome = await send(json(withSpan)).then(
          (reply) => reply.status,
          (error: { code?: string }) => error.code,
        );
        expect([200, 'invalid_request']).toContain(outcome);
      }),
      { numRuns: 60 },
    );
  });
});
