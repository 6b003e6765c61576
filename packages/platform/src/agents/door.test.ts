import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

describe('the door of the room', () => {
  it('loads no heavy library before the first run', () => {
    const program = `
      const loaded = [];
      const { registerHooks } = await import('node:module');
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      await import('#agents');
      console.log(JSON.stringify(loaded.filter((url) => /node_modules\\/(@langchain|@modelcontextprotocol|quickjs|linkedom|@mozilla|@cfworker)/.test(url))));
    `;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: new URL('../..', import.meta.url),
      encoding: 'utf8',
    });

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
