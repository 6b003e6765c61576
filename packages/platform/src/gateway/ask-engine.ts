import type { EngineReply } from '#engines';
import type { AdmittedCall } from './call.ts';
import type { AttemptTime } from './lifetime.ts';
import type { Attempt } from './ports.ts';
import { spliceRequest } from './splice-request.ts';
import { formatTraceparent } from './trace-context.ts';

/** Sends the call to one engine, in a form that it speaks. Throws what the engine throws, and the reason when the attempt is aborted. */
export function askEngine(call: AdmittedCall, attempt: Attempt, options: { readonly time: AttemptTime; readonly spanId: string }): Promise<EngineReply> {
  const { time } = options;
  const asked = attempt.engine.call({
    operation: call.operation,
    body: spliceRequest(call.request, attempt.engine.servedName),
    stream: call.request.stream,
    headers: { 'x-request-id': call.requestId, traceparent: formatTraceparent(call.traceId, options.spanId) },
    signal: time.signal,
  });
  // An engine that is deaf to its signal must not hold the request.
  return new Promise((resolve, reject) => {
    time.onAbort(reject);
    asked.then(resolve, reject);
  });
}
