import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { showsColour } from './process-io.ts';

describe('colours of the command line', () => {
  it('are for terminals only', () => {
    expect(showsColour({})).toBe(false);
    expect(showsColour({ isTTY: false })).toBe(false);
  });

  it('never reach a pipe, also where the environment asks for colours', () => {
    const maru = fileURLToPath(new URL('maru.ts', import.meta.url));
    const output = execFileSync('sh', ['-c', '"$0" "$1" get models --server http://127.0.0.1:1 2>&1 || true', process.execPath, maru], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, CI: 'true', FORCE_COLOR: '1' },
    });
    expect(output).toMatch(/^error no platform answers/);
  });
});
