import type { TraceEntry } from '../entry.ts';
import type { WholeTrace } from './whole-trace.ts';

/** What waits in the spool: messages, and traces that are whole already. */
export type QueuedEntry = TraceEntry | { readonly type: 'whole'; readonly whole: WholeTrace };
