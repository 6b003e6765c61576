/** A parent that is killed while its loader process hangs: prints the process id of the loader, then never ends by itself. */
import { silentLog } from '#telemetry';
import { createSystemClock } from '#time';
import { DocumentLoader } from '../loading/document-loader.ts';

const log = { ...silentLog, debug: (fields: object) => process.stdout.write(`${JSON.stringify(fields)}\n`) };
const loader = new DocumentLoader({ clock: createSystemClock(), log });
const bytes = Buffer.from('*a_ '.repeat(50_000));
await loader.load('markdown', { path: 'slow.md', bytes, maxUnpackedBytes: 1_000_000, signal: new AbortController().signal });
