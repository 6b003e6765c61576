import { describe, expect, it } from 'vitest';
import type { PickerOptions } from '../ports.ts';
import { runCli } from '../program.ts';

async function run(args: readonly string[]) {
  let err = '';
  let asked: PickerOptions | undefined;
  const never = (): Promise<never> => Promise.reject(new Error('not asked for'));
  const code = await runCli(['picker', ...args], {
    io: {
      out: () => undefined,
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
      readStdin: async () => '',
      signal: new AbortController().signal,
    },
    ports: {
      version: '1',
      up: never,
      worker: never,
      operator: never,
      kube: never,
      simulate: never,
      bench: never,
      picker: async (options) => {
        asked = options;
      },
    },
  });
  return { code, err, asked };
}

describe('maru picker', () => {
  it('listens on loopback without TLS and takes the replicas that are named', async () => {
    const { code, asked } = await run(['--model', 'm', '--endpoint', '10.0.0.1:8000', '--endpoint', '[fd00::1]:8000']);

    expect(code).toBe(0);
    expect(asked).toMatchObject({
      model: 'm',
      endpoints: ['10.0.0.1:8000', '[fd00::1]:8000'],
      listen: '127.0.0.1:9002',
      tls: undefined,
      maxEndpoints: undefined,
      graceMs: 30_000,
    });
  });

  it('passes on a pool, a configuration, certificates and ports of KV events', async () => {
    const { asked } = await run(
      '--model m --pool p --namespace ai --config c.yaml --objectives o.yaml --max-endpoints 3 --tls files --tls-cert a --tls-key b --kv-events-port 5557'.split(
        ' ',
      ),
    );

    expect(asked).toMatchObject({
      pool: 'p',
      namespace: 'ai',
      config: 'c.yaml',
      objectives: ['o.yaml'],
      maxEndpoints: 3,
      tls: { certificate: 'a', key: 'b' },
      kvEventsPort: 5557,
    });
  });

  it.each([
    [['--endpoint', '10.0.0.1:8000'], "required option '--model <name>' not specified"],
    [['--model', 'm', '--endpoint', 'engine:8000'], '--endpoint must be an IP address and a port, such as 10.0.0.5:8000, not "engine:8000"'],
    [['--model', 'm', '--endpoint', '10.0.0.1:70000'], '--endpoint must be an IP address and a port'],
    [['--model', 'm', '--max-endpoints', '0'], '--max-endpoints must be a whole number from 1 to 16, not "0"'],
    [['--model', 'm', '--tls', 'files'], '--tls must be off, self-signed, or files with --tls-cert and --tls-key'],
    [['--model', 'm', '--tls', 'yes'], '--tls must be off, self-signed, or files'],
  ])('refuses %j', async (args, message) => {
    expect(await run(args)).toMatchObject({ code: 2, asked: undefined, err: expect.stringContaining(message) as string });
  });
});
