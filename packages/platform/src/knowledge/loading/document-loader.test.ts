import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '#telemetry';
import { createFakeClock, createSystemClock, type FakeClock } from '#time';
import type { DocumentKind } from '../loaders/detect-kind.ts';
import { loadDocument } from '../loaders/load-document.ts';
import type { LoadedDocument } from '../loaders/loaded-document.ts';
import { DocumentLoader, type LoadingLimits } from './document-loader.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../../examples/quickstart/documents');
const FIXTURES = join(import.meta.dirname, '../__fixtures__');
const FAILING = join(FIXTURES, 'failing-loader.ts');
/** Emphasis that opens and never closes: the parser of Markdown needs minutes for it. */
const SLOW = '*a_ '.repeat(50_000);
/** One list, which needs more than 64 MB as a tree. */
const LARGE = '- a\n'.repeat(100_000);
const { signal } = new AbortController();

/** Loader processes that run, by their own word. */
class ProcessWatch {
  readonly started: number[] = [];
  readonly running = new Set<number>();
  #changed = Promise.withResolvers<void>();

  readonly log: Log = {
    ...silentLog,
    debug: (fields, message) => {
      const { pid } = fields as { pid: number };
      if (message === 'loader process started') this.started.push(pid);
      if (message === 'loader process started') this.running.add(pid);
      else this.running.delete(pid);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    },
  };

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }
}

let clock: FakeClock;
let watch: ProcessWatch;
let loader: DocumentLoader;

const open = (options: { limits?: LoadingLimits; entry?: string } = {}): DocumentLoader => new DocumentLoader({ clock, log: watch.log, ...options });
const input = (path: string, content: string | Uint8Array, abort = signal) => ({
  path,
  bytes: Buffer.from(content),
  maxUnpackedBytes: 50_000_000,
  signal: abort,
});
const load = (kind: DocumentKind, path: string, content: string | Uint8Array = '', abort = signal): Promise<LoadedDocument> =>
  loader.load(kind, input(path, content, abort));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

beforeEach(() => {
  clock = createFakeClock();
  watch = new ProcessWatch();
  loader = open();
});

afterEach(() => loader.close());

describe('DocumentLoader', () => {
  it('makes of a file what its loader makes, in one process for all kinds', async () => {
    for (const [kind, path] of [
      ['html', 'vllm-settings.html'],
      ['pdf', 'gpu-operations.pdf'],
      ['docx', 'on-call-runbook.docx'],
    ] as const) {
      const bytes = readFileSync(join(EXAMPLES, path));
      expect(await load(kind, path, bytes)).toEqual(await loadDocument(kind, input(path, bytes)));
    }
    expect(watch.started).toHaveLength(1);
  });

  it('hands on the refusal of a loader and goes on in the same process', async () => {
    await expect(load('pdf', 'broken.pdf', '%PDF-1.7 broken')).rejects.toMatchObject({
      code: 'document_unreadable',
      message: expect.stringContaining('broken.pdf is a broken PDF'),
      details: { path: 'broken.pdf' },
    });
    await expect(loader.load('markdown', { ...input('long.md', 'abc'), maxUnpackedBytes: 2 })).rejects.toMatchObject({ code: 'document_too_large' });
    expect((await load('markdown', 'good.md', '# Good')).title).toBe('Good');
    expect(watch.started).toHaveLength(1);
  });

  it('starts no process for short plain texts', async () => {
    expect((await load('text', 'notes.txt', 'Text.')).text).toBe('Text.');
    expect((await load('csv', 'table.csv', 'a,b\n1,2\n')).text).toBe('a: 1; b: 2\n');
    expect(watch.started).toEqual([]);

    expect((await load('text', 'long.txt', 'x'.repeat(100_000))).text).toHaveLength(100_000);
    expect(watch.started).toHaveLength(1);
  });

  it('gives a document up that takes too long, and loads the next one in a new process', async () => {
    const slow = load('markdown', 'slow.md', SLOW);
    const next = load('markdown', 'next.md', '# Next');
    const refused = expect(slow).rejects.toMatchObject({
      code: 'document_unreadable',
      message: 'slow.md took more than 60 s to load and was given up: split it, or repair it',
      details: { path: 'slow.md', again: true },
    });
    await watch.until(() => watch.started.length === 1);
    await clock.advance(60_000);

    await refused;
    expect((await next).title).toBe('Next');
    expect(watch.started).toHaveLength(2);
    expect([...watch.running]).toEqual(watch.started.slice(1));
  });

  it('refuses a document whose tree does not fit into the heap, and loads the next one', async () => {
    loader = open({ limits: { heapMb: 64 } });

    await expect(load('markdown', 'large.md', LARGE)).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('large.md could not be loaded in 256 MB of memory'),
    });
    expect((await load('markdown', 'next.md', '# Next')).title).toBe('Next');
  });

  it('refuses a document that makes the process crash, and loads the next one', async () => {
    loader = open({ entry: FAILING });

    await expect(load('markdown', 'exit')).rejects.toMatchObject({
      code: 'document_unreadable',
      message: 'exit made its loader crash (exit code 7): repair it, or save it in another format',
    });
    expect((await load('markdown', 'next')).title).toBe('next');
  });

  it('does not blame a document for a process that an earlier one has damaged', async () => {
    loader = open({ entry: FAILING });
    const { text: damaged } = await load('markdown', 'damage');

    const { text: fresh } = await load('markdown', 'innocent');

    expect(watch.started.map(String)).toEqual([damaged, fresh]);
  });

  it('blames no document when the process can not be started', async () => {
    loader = open({ entry: join(FIXTURES, 'none.ts') });

    await expect(load('markdown', 'guide.md', '# Guide')).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('could not be started') });
  });

  it('kills the process at once when the document is cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('not wanted any more');
    const slow = load('markdown', 'slow.md', SLOW, controller.signal);
    await watch.until(() => watch.started.length === 1);

    controller.abort(reason);

    await expect(slow).rejects.toBe(reason);
    await watch.until(() => watch.running.size === 0);
    expect(isAlive(watch.started[0] ?? 0)).toBe(false);
    expect((await load('markdown', 'next.md', '# Next')).title).toBe('Next');
  });

  it('lets a document that waits leave, without harm to the one that is loaded', async () => {
    const controller = new AbortController();
    const first = load('pdf', 'gpu-operations.pdf', readFileSync(join(EXAMPLES, 'gpu-operations.pdf')));
    const waiting = load('markdown', 'guide.md', '# Guide', controller.signal);

    controller.abort(new Error('gone'));

    await expect(waiting).rejects.toThrow('gone');
    expect((await first).title).toBe('GPU node operations guide');
    expect(watch.started).toHaveLength(1);
  });

  it('ends the process when nothing comes for five seconds', async () => {
    await load('markdown', 'guide.md', '# Guide');
    await clock.advance(4_000);
    await load('markdown', 'guide.md', '# Guide');
    await clock.advance(4_000);
    expect(watch.running.size).toBe(1);

    await clock.advance(1_000);
    await watch.until(() => watch.running.size === 0);

    expect(isAlive(watch.started[0] ?? 0)).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  it('leaves nothing behind at its close', async () => {
    const slow = load('markdown', 'slow.md', SLOW);
    const refused = expect(slow).rejects.toMatchObject({ code: 'shutting_down' });
    await watch.until(() => watch.started.length === 1);

    await loader.close();

    await refused;
    expect(isAlive(watch.started[0] ?? 0)).toBe(false);
    expect(clock.pending()).toBe(0);
    await expect(load('markdown', 'next.md', '# Next')).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('the loader process', () => {
  it('stays when the terminal is interrupted: the platform ends it', async () => {
    await load('markdown', 'guide.md', '# Guide');
    const [pid = 0] = watch.started;

    for (const name of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, name);

    expect((await load('markdown', 'next.md', '# Next')).title).toBe('Next');
    expect(watch.started).toEqual([pid]);
  });

  it.runIf(process.platform === 'linux')('knows nothing of the environment of the platform', async () => {
    await load('markdown', 'guide.md', '# Guide');

    const names = readFileSync(`/proc/${watch.started[0]}/environ`, 'utf8')
      .split('\0')
      .map((entry) => entry.split('=')[0]);
    expect(names.filter((name) => name !== '' && !name?.startsWith('NODE_CHANNEL_'))).toEqual([]);
  });

  it('is killed when it takes too much memory outside of its heap', async () => {
    // 160 MB of spaces, packed twice: a content stream of a few kilobytes.
    loader = open({ limits: { heapMb: 64 } });

    await expect(load('pdf', 'bomb.pdf', pdfBomb())).rejects.toMatchObject({
      code: 'document_too_large',
      message: 'bomb.pdf could not be loaded in 256 MB of memory (SIGKILL): split it',
    });
  });

  it('ends soon after its parent was killed, also when it hangs', async () => {
    const parent = spawn(process.execPath, [join(FIXTURES, 'load-until-killed.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let pid = 0;
    for await (const line of createInterface({ input: parent.stdout })) {
      ({ pid } = JSON.parse(line) as { pid: number });
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
    }

    const real = createSystemClock();
    while (isAlive(pid)) await real.sleep(50);
    expect(pid).toBeGreaterThan(0);
  });
});

function pdfBomb(): Buffer {
  const stream = deflateSync(deflateSync(Buffer.alloc(160 * 1024 * 1024, ' '), { level: 1 }));
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>',
  ];
  const head = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
  const start = `%PDF-1.4\n${head}4 0 obj\n<< /Length ${stream.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n`;
  return Buffer.concat([Buffer.from(start), stream, Buffer.from('\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n')]);
}
