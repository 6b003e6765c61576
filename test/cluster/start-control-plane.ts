import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ControlPlanePaths } from './build-control-plane.ts';

export interface ControlPlane {
  readonly server: string;
  /** Member of `system:masters`. */
  readonly token: string;
  stop(): Promise<void>;
}

const TOKEN = 'admin-token';
/** A user without any right, for tests that grant exactly what a role says. */
export const LIMITED_TOKEN = 'limited-token';
export const LIMITED_USER = 'limited';
const READY_WITHIN_MS = 60_000;

/** Starts etcd and kube-apiserver on free loopback ports, in a folder that is removed again. */
export async function startControlPlane(paths: ControlPlanePaths): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'maru-cluster-'));
  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  await writeFile(join(folder, 'tokens.csv'), `${TOKEN},admin,admin,system:masters\n${LIMITED_TOKEN},${LIMITED_USER},limited\n`, { mode: 0o600 });

  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const etcd = start(paths.etcd, folder, [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    // The data is thrown away: waiting for the disk would only make the suite slower.
    '--unsafe-no-fsync=true',
  ]);
  const apiserver = start(paths['kube-apiserver'], folder, [
    `--etcd-servers=${etcdUrl}`,
    `--cert-dir=${join(folder, 'certs')}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    `--service-account-key-file=${join(folder, 'sa.key')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--service-account-issuer=https://localhost',
    '--allow-privileged=true',
    // No controller manager runs, so nobody would make the default service account of a namespace.
    '--disable-admission-plugins=ServiceAccount',
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([end(apiserver), end(etcd)]);
    await rm(folder, { recursive: true, force: true });
  };

  const server = `https://127.0.0.1:${apiPort}`;
  try {
    await untilReady(server, apiserver, folder);
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, token: TOKEN, stop };
}

function start(path: string, folder: string, args: readonly string[]): ChildProcess {
  const child = spawn(path, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(folder, `${path.split('/').at(-1)}.log`));
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  return child;
}

async function untilReady(server: string, apiserver: ChildProcess, folder: string): Promise<void> {
  const dispatcher = new Agent({ allowH2: false, connect: { rejectUnauthorized: false } });
  const deadline = Date.now() + READY_WITHIN_MS;
  try {
    while (Date.now() < deadline) {
      if (apiserver.exitCode !== null) break;
      const ok = await request(`${server}/readyz`, { dispatcher, headers: { authorization: `Bearer ${TOKEN}` } }).then(
        async (response) => (await response.body.text()) === 'ok',
        () => false,
      );
      if (ok) return;
      await sleep(200);
    }
  } finally {
    await dispatcher.destroy();
  }
  const log = await readFile(join(folder, 'kube-apiserver.log'), 'utf8').catch(() => '');
  throw new Error(`kube-apiserver was not ready within ${READY_WITHIN_MS / 1000} s; the end of its log:\n${log.slice(-3000)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const killer = globalThis.setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(killer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
