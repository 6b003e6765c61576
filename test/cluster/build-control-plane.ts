import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, cp, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('control-plane/', import.meta.url));

interface Program {
  readonly name: string;
  readonly version: string;
  /** The folder under `control-plane/` whose go.mod and go.sum pin every dependency. */
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
}

const KUBERNETES = 'v1.35.4';
const stamp = (variable: string, value: string): string => `-X ${variable}=${value}`;

/** What the suite runs; nothing else is built. Without the stamps clients would see v0.0.0. */
const PROGRAMS: readonly Program[] = [
  { name: 'etcd', version: 'v3.6.8', module: 'etcd', package: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w' },
  {
    name: 'kube-apiserver',
    version: KUBERNETES,
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    ldflags: [
      '-s -w',
      stamp('k8s.io/component-base/version.gitVersion', KUBERNETES),
      stamp('k8s.io/component-base/version.gitMajor', '1'),
      stamp('k8s.io/component-base/version.gitMinor', '35'),
      stamp('k8s.io/client-go/pkg/version.gitVersion', KUBERNETES),
    ].join(' '),
  },
  // A small program of this repository; its version is what it says.
  {
    name: 'chart-render',
    version: `chart-${createHash('sha256')
      .update(readFileSync(join(MODULES, 'chart-render', 'main.go')))
      .digest('hex')
      .slice(0, 12)}`,
    module: 'chart-render',
    package: '.',
    ldflags: '-s -w',
  },
];

export type ControlPlanePaths = Readonly<Record<'etcd' | 'kube-apiserver' | 'chart-render', string>>;

/** Where binaries are kept between runs: `$MARU_CACHE_DIR/control-plane/<version>/<name>`. */
const cacheFolder = (): string => join(process.env['MARU_CACHE_DIR'] ?? join(homedir(), '.cache', 'maru'), 'control-plane');

/**
 * Builds the programs that are missing in the cache and returns their paths.
 * Throws with what to do when Go is not installed or a build fails.
 */
export async function buildControlPlane(say: (line: string) => void = console.error): Promise<ControlPlanePaths> {
  const paths: Record<string, string> = {};
  for (const program of PROGRAMS) paths[program.name] = await ensureProgram(program, say);
  return paths as ControlPlanePaths;
}

async function ensureProgram(program: Program, say: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), program.version);
  const binary = join(folder, program.name);
  if (await exists(binary)) return binary;
  await requireGo();
  say(`building ${program.name} ${program.version} (once; kept in ${folder})`);
  const source = join(folder, `${program.name}-module-${process.pid}`);
  await mkdir(folder, { recursive: true });
  await cp(join(MODULES, program.module), source, { recursive: true });
  // Built beside and renamed: a build that is killed never leaves half a binary behind.
  const partial = `${binary}.${process.pid}.partial`;
  const started = performance.now();
  try {
    await go(['build', '-mod=readonly', '-trimpath', '-buildvcs=false', `-ldflags=${program.ldflags}`, '-o', partial, program.package], source);
    await rename(partial, binary);
  } finally {
    await rm(source, { recursive: true, force: true });
    await rm(partial, { force: true });
  }
  say(`built ${program.name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return binary;
}

async function requireGo(): Promise<void> {
  try {
    await go(['version'], MODULES);
  } catch (cause) {
    throw new Error('the cluster suite builds etcd and kube-apiserver once and needs Go 1.25 or newer: install it from https://go.dev/dl and put it on PATH', {
      cause,
    });
  }
}

function go(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, { cwd, env: { ...process.env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-8000);
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]} ended with ${code}:\n${errors}`))));
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, path] of Object.entries(await buildControlPlane())) console.log(`${name}\t${path}`);
}
