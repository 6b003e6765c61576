import { type ChildProcess, fork } from 'node:child_process';

export interface Child {
  readonly pid: number;
  readonly url: string;
  stop(): void;
}

/** Forks a server that sends its address, and resolves with where it listens. The child ends when this process does. */
export function startChild(file: URL, ...args: string[]): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(file, args);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${file.pathname} ended with ${code}`)));
    child.once('message', (address: { port: number }) =>
      resolve({ pid: child.pid ?? 0, url: `http://127.0.0.1:${address.port}`, stop: () => void child.kill('SIGKILL') }),
    );
  });
}
