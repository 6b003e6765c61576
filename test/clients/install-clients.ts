import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from '../harness/install-packages.ts';

const run = promisify(execFile);
const CACHE = join(process.env['MARU_CACHE_DIR'] ?? join(homedir(), '.cache', 'maru'), 'clients');
const PROGRAMS = join(import.meta.dirname, 'programs');

/** Every client at the version that it was tried with. */
const NPM_CLIENTS = {
  openai: '7.57.0',
  '@anthropic-ai/sdk': '1.12.0',
  '@google/genai': '3.1.0',
  ai: '7.0.173',
  '@ai-sdk/openai': '4.0.118',
  '@ai-sdk/anthropic': '4.0.105',
  '@langchain/openai': '1.6.0',
  '@langchain/core': '1.4.0',
} as const;

/** Packages that disagree about their dependencies live in environments of their own. */
const PYTHON_CLIENTS = {
  sdks: ['openai==3.54.0', 'anthropic==2.12.0', 'google-genai==3.4.0'],
  langchain: ['langchain-openai==1.7.3', 'langchain-anthropic==1.7.7'],
  litellm: ['litellm==1.106.2', 'mcp==2.3.0'],
  llamaindex: ['llama-index-llms-openai-like==0.8.1'],
} as const;
export type PythonSet = keyof typeof PYTHON_CLIENTS;

/** A folder with the clients of npm and the programs that use them; kept between runs. */
export async function installNpmClients(): Promise<string> {
  const folder = join(CACHE, 'npm', keyOf(Object.entries(NPM_CLIENTS).map(([name, version]) => `${name}@${version}`)));
  if (!existsSync(join(folder, 'ready'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: NPM_CLIENTS }));
    await installPackages('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
    writeFileSync(join(folder, 'ready'), '');
  }
  copyPrograms(folder, '.mjs');
  return folder;
}

/** The Python of an environment with these clients; kept between runs. */
export async function installPythonClients(set: PythonSet): Promise<string> {
  const packages = PYTHON_CLIENTS[set];
  const folder = join(CACHE, 'python', keyOf(packages));
  const python = join(folder, 'bin', 'python');
  if (!existsSync(join(folder, 'ready'))) {
    mkdirSync(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await installPackages(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
    writeFileSync(join(folder, 'ready'), '');
  }
  copyPrograms(folder, '.py');
  return python;
}

function copyPrograms(folder: string, ending: string): void {
  for (const name of readdirSync(PROGRAMS)) if (name.endsWith(ending)) copyFileSync(join(PROGRAMS, name), join(folder, name));
}

const keyOf = (packages: readonly string[]): string =>
  packages
    .join('+')
    .replace(/[^\w.+-]/g, '_')
    .slice(0, 180);
