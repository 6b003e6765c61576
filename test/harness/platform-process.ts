import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface PlatformProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly key: string;
  readonly loginUrl: string;
  /** Everything it has printed. */
  output(): string;
  /** Sends a signal and resolves with the exit code, or the signal that ended it. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface StartPlatformOptions {
  readonly dataDir: string;
  readonly files?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Program and first arguments; the launcher of this checkout where absent. */
  readonly command?: readonly string[];
  readonly cwd?: string;
}

/** Starts `maru up` as a process of its own on a free port and waits until it serves. */
export async function startPlatformProcess(options: StartPlatformOptions): Promise<PlatformProcess> {
  const [program = '', ...first] = options.command ?? [process.execPath, join(root, 'packages/platform/bin/maru.js')];
  const args = [...first, 'up', '--port', '0', '--data-dir', options.dataDir, ...(options.files ?? []).flatMap((file) => ['-f', file])];
  const child = spawn(program, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 1)));
  const banner = await new Promise<{ url: string; key: string; loginUrl: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const url = /base URL (\S+)\/v1/.exec(output)?.[1];
      const key = /key\s+(sk-\S+)/.exec(output)?.[1];
      const loginUrl = /Console\s+(\S+)/.exec(output)?.[1];
      if (url !== undefined && key !== undefined && loginUrl !== undefined && /Models/.test(output)) resolve({ url, key, loginUrl });
    });
    void exited.then((code) => reject(new Error(`the platform ended with ${code} before it served:\n${output}`)));
  });
  return {
    child,
    ...banner,
    output: () => output,
    stop: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}
