import type { AttemptResult } from './call.ts';
import { relayJson } from './relay-json.ts';
import { type RelayOptions, relayStream } from './relay-stream.ts';

/** Gives the answer of an engine to the client. */
export function relayAnswer(options: RelayOptions): Promise<AttemptResult> {
  return options.reply.headers['content-type']?.startsWith('text/event-stream') === true ? relayStream(options) : relayJson(options);
}
