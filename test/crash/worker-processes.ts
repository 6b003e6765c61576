import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of the workers that a platform has now, oldest first. Linux only. */
export function workersOf(mainPid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === mainPid && argumentsOf(pid).at(-1) === 'worker')
    .map(Number)
    .sort((left, right) => left - right);
}

/** A process that has been killed and not been waited for has no arguments any more. */
const argumentsOf = (pid: string): readonly string[] =>
  readOr(`/proc/${pid}/cmdline`)
    .split('\0')
    .filter((part) => part !== '');

/** The name before the state may hold spaces. */
const parentOf = (pid: string): number =>
  Number(
    readOr(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')[1] ?? 0,
  );

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
