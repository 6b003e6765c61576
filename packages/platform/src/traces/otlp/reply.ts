import type { OtlpFormat } from './decode.ts';
import { otlpType } from './schema.ts';

/** An answer in the format of OTLP, ready to be sent. */
export interface OtlpReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly accepted: number;
  readonly rejected: number;
}

const CONTENT_TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

/** `ExportTraceServiceResponse`: empty when all was taken, else with the number that was not and why. */
export async function otlpReply(format: OtlpFormat, counts: { accepted: number; rejected: number; reason: string }): Promise<OtlpReply> {
  const { accepted, rejected, reason } = counts;
  const partial = rejected > 0 ? { partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason } } : {};
  return { status: 200, contentType: CONTENT_TYPES[format], body: await encode(format, 'ExportTraceServiceResponse', partial), accepted, rejected };
}

/** A refusal as OTLP clients read it: a `google.rpc.Status`. */
export async function otlpError(
  contentType: string | undefined,
  error: { status: number; message: string },
): Promise<{ status: number; contentType: string; body: Uint8Array }> {
  const format: OtlpFormat = contentType?.toLowerCase().includes('protobuf') === true ? 'protobuf' : 'json';
  return {
    status: error.status,
    contentType: CONTENT_TYPES[format],
    body: await encode(format, 'RpcStatus', { code: rpcCode(error.status), message: error.message }),
  };
}

async function encode(format: OtlpFormat, message: 'ExportTraceServiceResponse' | 'RpcStatus', value: Record<string, unknown>): Promise<Uint8Array> {
  if (format === 'json') return Buffer.from(JSON.stringify(value));
  const type = await otlpType(message);
  return type.encode(type.fromObject(value)).finish();
}

/** The gRPC code nearest to an HTTP status. */
function rpcCode(status: number): number {
  if (status === 401) return 16;
  if (status === 403) return 7;
  if (status === 429 || status === 413) return 8;
  if (status === 503) return 14;
  return status < 500 ? 3 : 13;
}
