import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Date, processor and Node of a run: no figure is printed without them. */
export function describeMachine(): string {
  const [first] = cpus();
  return `${new Date().toISOString().slice(0, 10)} · ${cpus().length} × ${first?.model.trim() ?? 'unknown CPU'} · Node ${process.versions.node} · ${commit()}`;
}

function commit(): string {
  try {
    return `commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()}`;
  } catch {
    return 'no commit';
  }
}
