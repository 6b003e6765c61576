import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** User and system time of a process and all its descendants so far, in microseconds. Linux only. */
export function cpuUs(pid: number): number {
  let ticks = 0;
  for (const each of treeOf(pid)) {
    const fields = statOf(each);
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return (ticks / TICKS_PER_SECOND) * 1e6;
}

/** Resident memory of a process and all its descendants, in MB (2^20). */
export function rssMb(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + Number(/VmRSS:\s+(\d+)/.exec(readOr(`/proc/${each}/status`))?.[1] ?? 0) / 1024, 0);
}

function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

/** Fields from `state` on: the name before it may hold spaces. */
const statOf = (pid: number): string[] =>
  readOr(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
