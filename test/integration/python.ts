import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from '../harness/install-packages.ts';

const run = promisify(execFile);

/** Runs a program with these packages of PyPI in a virtual environment that is kept between runs; returns what it printed. */
export async function runPython(packages: readonly string[], program: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(process.env['MARU_CACHE_DIR'] ?? join(homedir(), '.cache', 'maru'), 'python', packages.join('+').replace(/[^\w.+-]/g, '_'));
  const python = join(folder, 'bin', 'python');
  if (!existsSync(join(folder, 'ready'))) {
    mkdirSync(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await installPackages(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
    await run('touch', [join(folder, 'ready')]);
  }
  const { stdout } = await run(python, ['-c', program], { env: { ...process.env, ...environment }, timeout: 60_000 });
  return stdout;
}
