import { PlatformError } from '@maru/api/errors';
import { parseJson } from '#http';
import { asObject, type OtlpRequest } from './request.ts';
import { otlpType } from './schema.ts';

export type OtlpFormat = 'json' | 'protobuf';

/** The format that a content type names; throws `unsupported_media_type` for any other. */
export function otlpFormat(contentType: string | undefined): OtlpFormat {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  throw new PlatformError('unsupported_media_type', {
    message: `content-type "${(type ?? '').slice(0, 80)}" is not supported; send application/x-protobuf or application/json`,
  });
}

/** Reads an export request. Throws `invalid_json` or `invalid_request` when the bytes are not one. */
export async function decodeOtlp(body: Uint8Array, format: OtlpFormat): Promise<OtlpRequest> {
  const request = format === 'json' ? parseJson(body) : await decodeProtobuf(body);
  const { resourceSpans } = asObject(request);
  if (
    typeof request !== 'object' ||
    request === null ||
    Array.isArray(request) ||
    (resourceSpans !== undefined && resourceSpans !== null && !Array.isArray(resourceSpans))
  )
    throw new PlatformError('invalid_request', { message: 'the body is not an OTLP trace request: "resourceSpans" must be a list' });
  return request as OtlpRequest;
}

async function decodeProtobuf(body: Uint8Array): Promise<unknown> {
  const type = await otlpType('ExportTraceServiceRequest');
  try {
    return type.toObject(type.decode(body), { longs: String, arrays: true });
  } catch (cause) {
    throw new PlatformError('invalid_request', { message: 'the body is not an OTLP trace request in protobuf', cause });
  }
}
