import type { Root, Type } from 'protobufjs';

const field = (id: number, type: string) => ({ id, type });
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' });
const map = (id: number, type: string) => ({ id, type, keyType: 'string' });

/**
 * What is read and written of `envoy.service.ext_proc.v3`, `grpc.health.v1` and the messages below them, with the field numbers of their
 * definitions (Envoy 1.40, Apache-2.0). Fields that are not named here are skipped.
 */
const SCHEMA = {
  nested: {
    Value: {
      fields: {
        nullValue: field(1, 'int32'),
        numberValue: field(2, 'double'),
        stringValue: field(3, 'string'),
        boolValue: field(4, 'bool'),
        structValue: field(5, 'Struct'),
        listValue: field(6, 'ListValue'),
      },
    },
    ListValue: { fields: { values: many(1, 'Value') } },
    Struct: { fields: { fields: map(1, 'Value') } },
    Metadata: { fields: { filterMetadata: map(1, 'Struct') } },
    HeaderValue: { fields: { key: field(1, 'string'), value: field(2, 'string'), rawValue: field(3, 'bytes') } },
    HeaderMap: { fields: { headers: many(1, 'HeaderValue') } },
    HttpHeaders: { fields: { headers: field(1, 'HeaderMap'), endOfStream: field(3, 'bool') } },
    HttpBody: { fields: { body: field(1, 'bytes'), endOfStream: field(2, 'bool') } },
    HttpTrailers: { fields: { trailers: field(1, 'HeaderMap') } },
    ProtocolConfiguration: { fields: { requestBodyMode: field(1, 'int32'), responseBodyMode: field(2, 'int32') } },
    ProcessingRequest: {
      fields: {
        requestHeaders: field(2, 'HttpHeaders'),
        responseHeaders: field(3, 'HttpHeaders'),
        requestBody: field(4, 'HttpBody'),
        responseBody: field(5, 'HttpBody'),
        requestTrailers: field(6, 'HttpTrailers'),
        responseTrailers: field(7, 'HttpTrailers'),
        metadataContext: field(8, 'Metadata'),
        attributes: map(9, 'Struct'),
        observabilityMode: field(10, 'bool'),
        protocolConfig: field(11, 'ProtocolConfiguration'),
      },
    },
    HeaderValueOption: { fields: { header: field(1, 'HeaderValue'), appendAction: field(3, 'int32') } },
    HeaderMutation: { fields: { setHeaders: many(1, 'HeaderValueOption') } },
    StreamedBodyResponse: { fields: { body: field(1, 'bytes'), endOfStream: field(2, 'bool') } },
    BodyMutation: { fields: { streamedResponse: field(3, 'StreamedBodyResponse') } },
    CommonResponse: { fields: { headerMutation: field(2, 'HeaderMutation'), bodyMutation: field(3, 'BodyMutation'), clearRouteCache: field(5, 'bool') } },
    HeadersResponse: { fields: { response: field(1, 'CommonResponse') } },
    BodyResponse: { fields: { response: field(1, 'CommonResponse') } },
    TrailersResponse: { fields: {} },
    HttpStatus: { fields: { code: field(1, 'int32') } },
    ImmediateResponse: {
      fields: { status: field(1, 'HttpStatus'), headers: field(2, 'HeaderMutation'), body: field(3, 'bytes'), details: field(5, 'string') },
    },
    ProcessingResponse: {
      fields: {
        requestHeaders: field(1, 'HeadersResponse'),
        responseHeaders: field(2, 'HeadersResponse'),
        requestBody: field(3, 'BodyResponse'),
        responseBody: field(4, 'BodyResponse'),
        requestTrailers: field(5, 'TrailersResponse'),
        responseTrailers: field(6, 'TrailersResponse'),
        immediateResponse: field(7, 'ImmediateResponse'),
        dynamicMetadata: field(8, 'Struct'),
      },
    },
    HealthCheckRequest: { fields: { service: field(1, 'string') } },
    HealthCheckResponse: { fields: { status: field(1, 'int32') } },
  },
};

let root: Promise<Root> | undefined;

/** A message type; the protobuf library is loaded at the first use. */
export async function messageType(name: keyof typeof SCHEMA.nested): Promise<Type> {
  root ??= import('protobufjs/light.js').then(({ default: protobuf }) => protobuf.Root.fromJSON(SCHEMA));
  return (await root).lookupType(name);
}
