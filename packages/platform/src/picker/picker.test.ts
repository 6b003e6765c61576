import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { createSelfSigned } from '#http';
import { createRouter } from '#router';
import { silentLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { replica, requestHeaders, type TestPool, testPool, toldHeader } from './__fixtures__/test-picker.ts';
import { DEFAULT_SATURATION } from './choose/saturation.ts';
import { type Picker, type PickerOptions, startPicker } from './picker.ts';
import { loadCodec } from './wire/codec.ts';
import type { ProcessingResponse } from './wire/messages.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(more: Partial<PickerOptions> = {}): Promise<{ picker: Picker; client: grpc.Client; pool: TestPool }> {
  const clock = createSystemClock();
  const ids = createSeededIds();
  const pool = testPool([replica('10.0.0.1:80'), replica('10.0.0.2:80')]);
  const picker = await startPicker({
    ...{ pool, clock, ids, router: createRouter({ clock, ids }), log: silentLog, objectives: { priorityOf: () => undefined } },
    ...{ listen: '127.0.0.1:0', tls: undefined, policy: 'round-robin', maxEndpoints: 1, saturation: DEFAULT_SATURATION, maxBodyBytes: 1e6 },
    ...more,
  });
  closers.push(() => picker.close(0));
  const credentials =
    more.tls === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(more.tls.certificate, null, null, { checkServerIdentity: () => undefined });
  const client = new grpc.Client(`127.0.0.1:${picker.port}`, credentials, { 'grpc.ssl_target_name_override': 'picker' });
  closers.push(() => client.close());
  return { picker, client, pool };
}

async function open(client: grpc.Client) {
  const codec = await loadCodec();
  const call = client.makeBidiStreamRequest('/envoy.service.ext_proc.v3.ExternalProcessor/Process', codec.encodeRequest, codec.decodeResponse);
  const failed = new Promise<grpc.ServiceError>((resolve) => call.once('error', (error: grpc.ServiceError) => resolve(error)));
  const responses = call[Symbol.asyncIterator]() as AsyncIterator<ProcessingResponse>;
  return { call, failed, next: async () => (await responses.next()).value as ProcessingResponse };
}

async function check(client: grpc.Client, service: string): Promise<number | string> {
  const codec = await loadCodec();
  return new Promise((resolve) => {
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', codec.encodeHealthRequest, codec.decodeHealthResponse, { service }, (error, value) =>
      resolve(error === null ? (value?.status ?? 0) : error.details),
    );
  });
}

describe('picker', () => {
  it('answers a proxy over HTTP/2', async () => {
    const { client, picker } = await start();
    const { call, next } = await open(client);
    call.write(requestHeaders({}));
    call.write({ requestBody: { body: Buffer.from('{"messages":[]}'), endOfStream: true } });

    expect(toldHeader(await next(), 'x-gateway-destination-endpoint')).toBe('10.0.0.1:80');
    expect(Buffer.from((await next()).requestBody?.response.bodyMutation.streamedResponse.body ?? '').toString()).toBe('{"messages":[]}');
    call.end();
    expect(picker.stats).toMatchObject({ picked: 1, fallbacks: 0, refused: {} });
    expect(picker.stats.pickMs).toBeGreaterThan(0);
  });

  it('speaks TLS with a certificate of its own', async () => {
    const tls = createSelfSigned('127.0.0.1', { clock: createSystemClock(), ids: createSeededIds() });
    const { client } = await start({ tls });

    expect(await check(client, 'liveness')).toBe(1);
  });

  it('is alive at once, ready when it is told so, and has no other service', async () => {
    const { client, picker } = await start();

    expect(await Promise.all(['liveness', 'readiness', '', 'envoy.service.ext_proc.v3.ExternalProcessor'].map((name) => check(client, name)))).toEqual([
      1, 2, 2, 2,
    ]);
    picker.setReady(true);
    expect(await Promise.all(['readiness', ''].map((name) => check(client, name)))).toEqual([1, 1]);
    expect(await check(client, 'moon')).toBe('there is no service "moon"');
  });

  it('tells those who watch when it becomes ready and when it goes', async () => {
    const { client, picker } = await start();
    const codec = await loadCodec();
    const call = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', codec.encodeHealthRequest, codec.decodeHealthResponse, {
      service: 'readiness',
    });
    call.on('error', () => undefined);
    const seen: (number | undefined)[] = [];
    call.on('data', ({ status }: { readonly status?: number }) => seen.push(status));
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual([2]);
    picker.setReady(true);
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual([2, 1]);
    const closing = picker.close(0);
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual([2, 1, 2]);
    await closing;
  });

  it('ends a request that the proxy breaks off as cancelled', async () => {
    const { client, pool } = await start();
    const { call, next } = await open(client);
    call.write({ requestHeaders: { endOfStream: true } });
    await next();
    call.cancel();

    await expect.poll(() => pool.ended, { timeout: 30_000 }).toEqual([{ address: '10.0.0.1:80', tokens: undefined }]);
  });

  it('ends a stream of a mode that it does not speak with the reason', async () => {
    const { client } = await start();
    const { call, failed } = await open(client);
    call.write(requestHeaders({}, { protocolConfig: { requestBodyMode: 1, responseBodyMode: 4 } }));

    expect(await failed).toMatchObject({ code: grpc.status.INVALID_ARGUMENT, details: expect.stringContaining('FULL_DUPLEX_STREAMED') as string });
  });

  it('lets open exchanges end before it stops, and takes no new ones', async () => {
    const { client, picker, pool } = await start();
    const { call, next } = await open(client);
    call.write({ requestHeaders: { endOfStream: true } });
    await next();
    const closing = picker.close(60_000);
    call.write({ responseHeaders: { endOfStream: true } });
    expect((await next()).responseHeaders).toBeDefined();
    call.end();
    await closing;

    expect(pool.ended).toHaveLength(1);
  });

  it('takes as many resets of streams as a proxy sends, and a client that breaks them off at once', async () => {
    const { client, pool } = await start();
    for (let round = 0; round < 15; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const { call, next } = await open(client);
          call.write({ requestHeaders: { endOfStream: true } });
          expect(toldHeader(await next(), 'x-gateway-destination-endpoint')).toBeDefined();
          call.cancel();
        }),
      );
    }

    await expect.poll(() => pool.ended.length, { timeout: 30_000 }).toBe(1500);
  });

  it('has no other method, and names what is wrong with a message', async () => {
    const { client } = await start();
    const raw = (path: string, message: Buffer) =>
      new Promise<grpc.ServiceError | null>((resolve) =>
        client.makeUnaryRequest(
          path,
          (value: Buffer) => value,
          (value) => value,
          message,
          (error) => resolve(error),
        ),
      );

    expect(await raw('/moon.Service/Land', Buffer.alloc(0))).toMatchObject({ code: grpc.status.UNIMPLEMENTED });
    expect(await raw('/grpc.health.v1.Health/Check', Buffer.from([0xff, 0xff]))).toMatchObject({ code: grpc.status.INVALID_ARGUMENT });
    expect(await raw('/envoy.service.ext_proc.v3.ExternalProcessor/Process', Buffer.from([0x0a, 0x7f]))).toMatchObject({ code: grpc.status.INVALID_ARGUMENT });
    expect(await check(client, 'liveness')).toBe(1);
  });

  it.each(['nowhere', '127.0.0.1', '127.0.0.1:99999'])('names an address that is none: %s', async (listen) => {
    await expect(start({ listen })).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('names a port that is in use', async () => {
    const { picker } = await start();
    await expect(start({ listen: `127.0.0.1:${picker.port}` })).rejects.toMatchObject({ code: 'port_in_use' });
  });
});
