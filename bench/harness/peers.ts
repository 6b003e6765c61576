import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Another gateway that runs beside Maru. */
export interface Peer {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  stop(): void;
}

const LITELLM = '1.106.2';
const PORTKEY = '1.15.2';
const cache = join(process.env['MARU_CACHE_DIR'] ?? join(homedir(), '.cache', 'maru'), 'peers');

function run(program: string, args: readonly string[], cwd: string): void {
  const result = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${result.stderr}`);
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

async function untilAnswers(url: string, isGone: () => boolean): Promise<void> {
  for (;;) {
    if (isGone()) throw new Error(`the server of ${url} ended before it answered`);
    const answered = await fetch(url).catch(() => undefined);
    if (answered !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

async function start(command: Command): Promise<Peer> {
  const child = spawn(command.program, command.args, { stdio: 'ignore', env: { ...process.env, ...command.environment } });
  let gone = false;
  child.once('exit', () => {
    gone = true;
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${command.port}`;
  await untilAnswers(`${url}${command.path}`, () => gone);
  return { name: command.name, pid: child.pid ?? 0, url, headers: command.headers, stop: () => void child.kill('SIGKILL') };
}

/** Portkey's gateway from npm, with the versions of hono under which its streams work. */
export async function startPortkey(upstream: string): Promise<Peer> {
  const folder = join(cache, `portkey-${PORTKEY}`);
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const manifest = {
      private: true,
      dependencies: { '@portkey-ai/gateway': PORTKEY },
      overrides: { hono: '4.9.7', '@hono/node-server': '1.13.8' },
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  }
  const port = await freePort();
  return start({
    name: `Portkey ${PORTKEY}`,
    program: process.execPath,
    args: [program, '--headless', `--port=${port}`],
    port,
    path: '/',
    headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1`, authorization: 'Bearer sk-upstream' },
  });
}

/** LiteLLM's proxy from PyPI: one worker, no database, a master key. */
export async function startLiteLlm(upstream: string): Promise<Peer> {
  const folder = join(cache, `litellm-${LITELLM}`);
  const program = join(folder, 'bin/litellm');
  if (!existsSync(program)) {
    mkdirSync(cache, { recursive: true });
    run('python3', ['-m', 'venv', folder], cache);
    run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `litellm[proxy]==${LITELLM}`], cache);
  }
  const config = join(folder, 'config.yaml');
  const key = 'sk-bench-0123456789abcdef0123456789abcdef';
  writeFileSync(
    config,
    [
      'model_list:',
      ...['auto:openai/bench', 'claude:anthropic/bench-claude'].flatMap((line) => {
        const [name = '', model = ''] = line.split(':');
        const base = model.startsWith('anthropic') ? upstream : `${upstream}/v1`;
        return [`  - model_name: ${name}`, `    litellm_params: { model: ${model}, api_base: ${base}, api_key: sk-upstream }`];
      }),
      `general_settings: { master_key: ${key} }`,
      '',
    ].join('\n'),
  );
  const port = await freePort();
  return start({
    name: `LiteLLM ${LITELLM}`,
    program,
    args: ['--config', config, '--port', String(port), '--num_workers', '1'],
    port,
    path: '/health/liveliness',
    headers: { authorization: `Bearer ${key}` },
    environment: { LITELLM_LOG: 'ERROR' },
  });
}
