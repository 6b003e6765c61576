import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { Intake } from '../intake.ts';
import { decodeOtlp, otlpFormat } from './decode.ts';
import { type OtlpReply, otlpReply } from './reply.ts';
import { toEntries } from './to-entries.ts';
import { unpackBody } from './unpack.ts';

export interface OtlpInput {
  readonly body: Uint8Array;
  /** `application/x-protobuf` or `application/json`. */
  readonly contentType: string | undefined;
  /** `gzip`, `deflate` or none. */
  readonly encoding?: string | undefined;
  readonly signal: 'traces';
  /** Whose spans these are; a tenant can never write into the trace of another. */
  readonly tenant: string;
}

/** Takes an OTLP/HTTP request; the answer is sent only after its spans survive kill -9. */
export async function ingestOtlp(input: OtlpInput, deps: { intake: Intake; clock: Clock }): Promise<OtlpReply> {
  if (input.signal !== 'traces') throw new PlatformError('not_supported', { message: `OTLP ${String(input.signal)} are not taken; send traces` });
  const format = otlpFormat(input.contentType);
  const request = await decodeOtlp(await unpackBody(input.body, input.encoding), format);
  const { entries, accepted, rejected, reason } = toEntries(request, { tenant: input.tenant, nowMs: deps.clock.nowMs() });
  deps.intake.accept(entries);
  return otlpReply(format, { accepted, rejected, reason });
}
