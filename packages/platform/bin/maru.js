#!/usr/bin/env node
// Plain JavaScript that every Node can read: hands over to a Node that runs TypeScript, or starts the built package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import { freshImage } from './start-image.js';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '..', 'dist', 'cmd', 'maru.js');
const source = join(here, '..', 'src', 'cmd', 'maru.ts');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  module.enableCompileCache?.();
  // Loading the program makes garbage in a burst, for which V8 would keep its young generation large for good; `up` lets it grow again.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  await import(pathToFileURL(existsSync(source) ? (freshImage(join(here, '../../..')) ?? source) : built).href);
} else {
  handOver();
}

/** Starts the same command under the pinned Node of this checkout; signals and the exit code pass through. */
function handOver() {
  let pinned;
  try {
    const require = createRequire(import.meta.url);
    pinned = join(dirname(require.resolve('node/package.json')), 'bin', 'node');
  } catch {
    pinned = undefined;
  }
  if (pinned === undefined || !existsSync(pinned)) {
    process.stderr.write(`maru needs Node 22.19 or newer; this is ${process.versions.node}. Run "npm ci" in the checkout first, or install a newer Node.\n`);
    process.exit(1);
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
