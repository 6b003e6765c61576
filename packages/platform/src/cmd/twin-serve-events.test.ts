import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '#cli';
import { parseResources } from '#resources';
import { createLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { createEndpointFleets } from './endpoint-fleets.ts';

const clock = createSystemClock();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Waits for a state, however long a slow machine takes. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo() && turn < 6000; turn += 1) await clock.sleep(5);
  expect(isSo()).toBe(true);
}

const CONFIG = JSON.stringify({ enable_kv_cache_events: true, publisher: 'zmq', endpoint: 'tcp://127.0.0.1:0', replay_endpoint: 'tcp://127.0.0.1:0' });

async function serve(): Promise<{ readonly url: string; readonly eventPort: string; readonly replayPort: string }> {
  const stop = new AbortController();
  const never = async (): Promise<never> => Promise.reject(new DOMException('not asked for', 'AbortError'));
  let said = '';
  const done = runCli(['twin', 'serve', '--port', '0', '--name', 'llama', '--speed', '1000', '--kv-events-config', CONFIG], {
    io: {
      out: (text) => {
        said += text;
      },
      err: () => undefined,
      interactive: false,
      colour: false,
      readStdin: async () => '',
      signal: stop.signal,
    },
    ports: { version: '1', up: never, worker: never, operator: never, picker: never, kube: never, simulate: never, bench: never },
  });
  closers.push(async () => {
    stop.abort();
    expect(await done).toBe(0);
  });
  await until(() => said !== '');
  const [, url = '', eventPort = '', replayPort = ''] = /^(\S+) serves .*KV events at tcp:\S+:(\d+), replay at tcp:\S+:(\d+)/.exec(said) ?? [];
  return { url, eventPort, replayPort };
}

describe('maru twin serve with KV events', () => {
  it('is followed by a router: what was computed before is replayed, and what comes is heard', { timeout: 90_000 }, async () => {
    const { url, eventPort, replayPort } = await serve();
    const ask = async (topic: string): Promise<void> => {
      const reply = await fetch(`${url}/v1/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'llama', prompt: `${topic} `.repeat(200), max_tokens: 2 }),
      });
      await reply.text();
    };
    await ask('before');
    const fleets = createEndpointFleets({ clock, ids: createSeededIds(), log: createLog('silent'), engineOf: () => undefined, onChange: () => undefined });
    closers.push(() => fleets.close());
    const yaml = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: llama }
spec:
  serving:
    engine: vllm
    endpoints: { urls: ["${url}"], kvEvents: { port: ${eventPort}, replayPort: ${replayPort}, ranks: 1 } }
`;
    fleets.sync(parseResources(yaml).resources.flatMap(({ resource }) => (resource.kind === 'Model' ? [resource] : [])));
    const fleet = fleets.fleetOf('llama');
    await fleet?.ready;
    const heard = (): number => fleet?.knowledge()[0]?.last ?? -1;

    await until(() => fleet?.knowledge()[0]?.inStep === true);
    // One may have been lost while the subscription was made; the next one tells, and it is replayed.
    await ask('first');
    await until(() => heard() >= 1);
    const before = heard();
    await ask('second');
    await until(() => heard() > before);

    expect(fleet?.knowledge()[0]).toMatchObject({ inStep: true });
    expect(fleet?.degradations().map(({ name }) => name)).not.toContain('kv-no-events');
  });
});
