import type { Type } from 'protobufjs';
import type { ProcessingRequest, ProcessingResponse } from './messages.ts';
import { messageType } from './schema.ts';

/** Bytes of the wire to messages and back. Decoding throws what the protobuf library throws, which ends the stream that sent the bytes. */
export interface Codec {
  decodeRequest(bytes: Uint8Array): ProcessingRequest;
  encodeRequest(message: ProcessingRequest): Buffer;
  decodeResponse(bytes: Uint8Array): ProcessingResponse;
  encodeResponse(message: ProcessingResponse): Buffer;
  decodeHealthRequest(bytes: Uint8Array): { readonly service?: string };
  encodeHealthRequest(message: { readonly service: string }): Buffer;
  decodeHealthResponse(bytes: Uint8Array): { readonly status?: number };
  encodeHealthResponse(message: { readonly status: number }): Buffer;
}

const bytesOf = (type: Type, message: object): Buffer => Buffer.from(type.encode(message).finish());

export async function loadCodec(): Promise<Codec> {
  const [request, response, healthRequest, healthResponse] = await Promise.all([
    messageType('ProcessingRequest'),
    messageType('ProcessingResponse'),
    messageType('HealthCheckRequest'),
    messageType('HealthCheckResponse'),
  ]);
  return {
    decodeRequest: (bytes) => request.decode(bytes) as ProcessingRequest,
    encodeRequest: (message) => bytesOf(request, message),
    decodeResponse: (bytes) => response.decode(bytes) as ProcessingResponse,
    encodeResponse: (message) => bytesOf(response, message),
    decodeHealthRequest: (bytes) => healthRequest.decode(bytes) as { readonly service?: string },
    encodeHealthRequest: (message) => bytesOf(healthRequest, message),
    decodeHealthResponse: (bytes) => healthResponse.decode(bytes) as { readonly status?: number },
    encodeHealthResponse: (message) => bytesOf(healthResponse, message),
  };
}
