import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Holds the gateways on one processor and everything else off it; false where the system can not. */
export function pinApart(gateways: readonly number[], others: readonly number[]): boolean {
  if (availableParallelism() < 2) return false;
  try {
    for (const pid of gateways) execFileSync('taskset', ['-a', '-c', '-p', '0', String(pid)], { stdio: 'ignore' });
    for (const pid of others) execFileSync('taskset', ['-a', '-c', '-p', `1-${availableParallelism() - 1}`, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
