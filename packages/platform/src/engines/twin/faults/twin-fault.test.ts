import { modelKind } from '@maru/api/resources';
import { afterAll, describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds, createSystemClock } from '#time';
import { createTwinEngine } from '../twin-engine.ts';
import { createTwinServer } from '../twin-server.ts';
import { FAULT_HEADER, parseTwinFault } from './twin-fault.ts';

describe('a fault on purpose', () => {
  it.each([
    ['hang', { kind: 'hang' }],
    ['status=503', { kind: 'status', status: 503 }],
    ['slow=20', { kind: 'slow', delayMs: 20 }],
    ['cut=0', { kind: 'cut', parts: 0 }],
    [' crash=100 ', { kind: 'crash', downMs: 100 }],
  ])('is read from %j', (text, fault) => expect(parseTwinFault(text)).toEqual(fault));

  it.each(['', 'burn', 'status=200', 'status', 'slow=-1', 'slow=x', 'cut=1.5', 'hang=3', 'crash=1e9'])('is refused where it is unknown: %j', (text) => {
    expect(() => parseTwinFault(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('a twin server that may fail', async () => {
  const clock = createSystemClock();
  const model = modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'sim' },
    spec: { serving: { engine: 'twin', twin: { speed: 1000 } } },
  });
  const engine = (): ReturnType<typeof createTwinEngine> => createTwinEngine({ model, replica: 0, clock, ids: createSeededIds() });
  const faultClock = createFakeClock();
  const server = await createTwinServer({ engine: engine(), port: 0, faults: { clock: faultClock, byHeader: true } });
  const safe = await createTwinServer({ engine: engine(), port: 0 });
  afterAll(async () => void (await Promise.all([server.close(), safe.close()])));

  const ask = (fault: string, more: { url?: string; stream?: boolean; signal?: AbortSignal } = {}): Promise<Response> =>
    fetch(`${more.url ?? server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { [FAULT_HEADER]: fault },
      body: JSON.stringify({ model: 'sim', stream: more.stream ?? false, messages: [{ role: 'user', content: 'hello' }] }),
      ...(more.signal === undefined ? {} : { signal: more.signal }),
    });

  it('answers with the status that was asked for, or later', async () => {
    expect((await ask('status=503')).status).toBe(503);
    const late = ask('slow=60000');
    await expect.poll(() => faultClock.pending(), { timeout: 5000 }).toBe(1);
    await faultClock.advance(60_000);
    expect((await late).status).toBe(200);
    expect((await ask('burn')).status).toBe(400);
  });

  it('cuts a stream', async () => {
    const reply = await ask('cut=1', { stream: true });

    await expect(reply.text()).rejects.toThrow();
  });

  it('hangs until the client goes', async () => {
    await expect(ask('hang', { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('is away for a while after a crash, and then back', async () => {
    await expect(ask('crash=300')).rejects.toThrow();
    await expect(ask('cut=9999')).rejects.toThrow();
    await faultClock.advance(300);

    expect((await ask('cut=9999')).status).toBe(200);
  });

  it('does not listen to the header where faults are not switched on', async () => {
    expect((await ask('status=503', { url: safe.url })).status).toBe(200);
  });
});
