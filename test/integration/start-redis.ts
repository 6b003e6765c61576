import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createSystemClock } from '../../packages/platform/src/time/index.ts';

/** A redis-server of its own, which keeps nothing on disk. */
export interface TestRedis {
  readonly url: string;
  /** Kills the server: what it held is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

export async function startRedis(): Promise<TestRedis> {
  let server: ChildProcess | undefined;
  let port = await freePort();
  const start = async (): Promise<void> => {
    const started = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    server = started;
    const failed = new Promise<false>((resolve) => {
      started.once('exit', () => resolve(false));
      started.once('error', () => resolve(false));
    });
    if (!(await Promise.race([listening(port), failed]))) throw new Error(`redis-server did not start on port ${port}`);
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await start();
      break;
    } catch (error) {
      // Somebody else may have taken the port in between.
      if (attempt === 5) throw error;
      port = await freePort();
    }
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      const running = server;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const gone = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await gone;
    },
    restart: start,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<true> {
  const clock = createSystemClock();
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return true;
    await clock.sleep(20);
  }
}
