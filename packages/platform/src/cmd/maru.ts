import { readFileSync } from 'node:fs';
import { runCli } from '#cli';
import { createProcessIo } from './process-io.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

const client = { version, runtime: `node ${process.versions.node}`, system: `${process.platform} ${process.arch}` };

process.exitCode = await runCli(process.argv.slice(2), {
  io: createProcessIo(process),
  ports: {
    version,
    up: async (options) => (await import('./up.ts')).up({ ...options, version }),
    worker: async () => (await import('./worker.ts')).runWorker(),
    operator: async (options) => (await import('./operator.ts')).runOperator(options),
    picker: async (options) => (await import('./picker.ts')).runPicker(options),
    kube: async (options) => (await import('./kube.ts')).connect(options),
    bench: async (options, watch) => (await import('./bench.ts')).bench(options, watch, client),
    simulate: async (options, signal) => (await import('./simulate.ts')).simulate(options, signal),
  },
});
