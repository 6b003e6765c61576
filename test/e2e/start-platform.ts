import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { seedPlatform } from './seed-platform.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** Origin of the platform, for example `http://127.0.0.1:43211`. */
    baseUrl: string;
    masterKey: string;
    /** One-time login address that `maru up` printed. */
    loginUrl: string;
    /** Why the platform could not be filled with data, if it could not. */
    seedProblem: string;
  }
}

/** Builds the console when it is not built, starts the real platform on a fresh data folder, and gives it something to show. */
export default async function startPlatform(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(root, 'packages/console/dist/index.html')) || process.env['MARU_E2E_BUILD'] === '1') buildConsole();
  const dataDir = mkdtempSync(join(tmpdir(), 'maru-e2e-'));
  const child = spawn(process.execPath, ['packages/platform/bin/maru.js', 'up', '--port', '0', '--data-dir', dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  const started = await new Promise<{ loginUrl: string; masterKey: string }>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const loginUrl = /http:\/\/\S+\?login=\S+/.exec(output)?.[0];
      const masterKey = /\bsk-[\w-]+/.exec(output)?.[0];
      if (loginUrl !== undefined && masterKey !== undefined) resolve({ loginUrl, masterKey });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code} before it was ready:\n${output}`)));
  });
  const baseUrl = new URL(started.loginUrl).origin;
  project.provide('baseUrl', baseUrl);
  project.provide('masterKey', started.masterKey);
  project.provide('loginUrl', started.loginUrl);
  project.provide(
    'seedProblem',
    await seedPlatform(baseUrl, started.masterKey).then(
      () => '',
      (error: unknown) => String(error),
    ),
  );
  return async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
}

function buildConsole(): void {
  const built = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: join(root, 'packages/console'), stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the console could not be built');
}
