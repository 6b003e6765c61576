import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { type EnvoyOptions, envoyConfig } from './envoy-config.ts';

const root = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 60_000;

/** A process of the suite; `output` is everything that it has printed. */
export interface Running {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when it has ended. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    output: () => output,
    stop: (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}

async function waitUntil(running: Running, what: string, isReady: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && running.child.exitCode === null) {
    if (await isReady()) return;
    await sleep(50);
  }
  await running.stop('SIGKILL');
  throw new Error(`${what} was not ready; the end of what it printed:\n${running.output().slice(-3000)}`);
}

/** Starts `maru picker` as a process of its own; resolves when it listens. */
export async function startPickerProcess(args: readonly string[]): Promise<Running> {
  const running = start(process.execPath, [join(root, 'packages/platform/bin/maru.js'), 'picker', ...args]);
  await waitUntil(running, 'the picker', () => running.output().includes('listens on port'));
  return running;
}

export interface Envoy extends Running {
  readonly url: string;
  /** Its own counters by name. */
  stats(filter: string): Promise<Readonly<Record<string, number>>>;
}

/** Starts a real Envoy with a configuration of `envoyConfig`; resolves when it serves. */
export async function startEnvoy(binary: string, options: Omit<EnvoyOptions, 'listenPort' | 'adminPort'>): Promise<Envoy> {
  const folder = await mkdtemp(join(tmpdir(), 'maru-envoy-'));
  const [listenPort, adminPort] = await freePorts(2);
  const path = join(folder, 'envoy.json');
  await writeFile(path, envoyConfig({ ...options, listenPort: listenPort ?? 0, adminPort: adminPort ?? 0 }));
  const running = start(binary, ['-c', path, '--concurrency', '1', '-l', 'warn', '--use-dynamic-base-id']);
  const admin = `http://127.0.0.1:${adminPort}`;
  await waitUntil(running, 'Envoy', () =>
    request(`${admin}/ready`).then(
      async (response) => (await response.body.text()).trim() === 'LIVE',
      () => false,
    ),
  );
  return {
    ...running,
    url: `http://127.0.0.1:${listenPort}`,
    stats: async (filter) => {
      const { body } = await request(`${admin}/stats?filter=${encodeURIComponent(filter)}`);
      const lines = (await body.text()).trim().split('\n');
      return Object.fromEntries(lines.map((line) => line.split(': ')).map(([name = '', value]) => [name, Number(value)]));
    },
    stop: async (signal) => {
      await running.stop(signal);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            if (typeof address === 'object' && address !== null) resolve(address.port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
