import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TRIES = 3;
const LONGEST_MS = 240_000;

/** Runs an installer of packages; one that hangs on a lost connection, as npm can for ever, or fails is started again. Throws its last failure. */
export async function installPackages(command: string, args: readonly string[], cwd?: string): Promise<void> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      await run(command, args, { timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) });
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
