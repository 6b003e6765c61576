import type { EngineReply } from '#engines';
import type { AnswerContext } from '#formats';
import { toHeaderText } from './answer-headers.ts';
import type { AdmittedCall } from './call.ts';
import type { AttemptTime } from './lifetime.ts';
import type { Attempt } from './ports.ts';
import type { Translation } from './translation.ts';

/** What a relay needs to give an engine's answer to the client. */
export interface RelayOptions {
  readonly call: AdmittedCall;
  readonly attempt: Attempt;
  readonly reply: EngineReply;
  readonly translation: Translation | undefined;
  /** What was let go on the way to the engine. */
  readonly warnings: readonly string[];
  /** Of the attempt; names the answer where the gateway writes it. */
  readonly spanId: string;
  readonly time: AttemptTime;
  /** Milliseconds since the attempt began. */
  readonly elapsedMs: () => number;
}

/** What the encoders of formats need to know. */
export const contextOf = ({ call, spanId }: RelayOptions, { request }: Translation): AnswerContext => ({
  id: call.spanId + spanId,
  createdS: Math.floor(call.startMs / 1000),
  request,
});

/** `x-maru-warnings`, where there is something to warn of. */
export const warningHeader = (warnings: readonly string[]): Record<string, string> =>
  warnings.length === 0 ? {} : { 'x-maru-warnings': toHeaderText(warnings.join('; '), 2000) };
