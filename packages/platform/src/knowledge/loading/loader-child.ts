/**
 * The loader process: bytes in, text and sections out. It has an empty environment, and opens no database and no connection.
 * A parser that hangs or eats all memory ends with this process, not with the platform.
 */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isPlatformError } from '@maru/api/errors';
import { loadDocument } from '../loaders/load-document.ts';
import type { LoaderMessage, LoadRequest } from './loader-messages.ts';

const never = new AbortController().signal;

// Ctrl-C reaches every process of a terminal; the platform says when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (request: LoadRequest) => void answer(request).then(say));

// A parser that does not come back keeps this thread from everything else, also from seeing that the platform is gone.
const [residentMb] = process.argv.slice(2);
const watch = new Worker(join(import.meta.dirname, `watch-process${extname(import.meta.filename)}`), {
  argv: [residentMb, String(process.ppid)],
  env: {},
  execArgv: [],
});
watch.unref();
say({ type: 'ready' });

async function answer(request: LoadRequest): Promise<LoaderMessage> {
  try {
    return { type: 'loaded', document: await loadDocument(request.kind, { ...request, signal: never }) };
  } catch (error) {
    if (isPlatformError(error) && (error.code === 'document_unreadable' || error.code === 'document_too_large'))
      return { type: 'refused', code: error.code, message: error.message };
    return { type: 'refused', code: 'document_unreadable', message: `${request.path} can not be read: ${(error as Error).message}` };
  }
}

function say(message: LoaderMessage): void {
  process.send?.(message);
}
