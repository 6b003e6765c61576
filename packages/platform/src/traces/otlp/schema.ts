import type { Root, Type } from 'protobufjs';

const field = (id: number, type: string) => ({ id, type });
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' });

/**
 * The messages of opentelemetry-proto 1.x that are read or answered (trace service, trace, common, resource), with
 * the field numbers of the specification.
 */
const SCHEMA = {
  nested: {
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'] } },
      fields: {
        stringValue: field(1, 'string'),
        boolValue: field(2, 'bool'),
        intValue: field(3, 'int64'),
        doubleValue: field(4, 'double'),
        arrayValue: field(5, 'ArrayValue'),
        kvlistValue: field(6, 'KeyValueList'),
        bytesValue: field(7, 'bytes'),
      },
    },
    ArrayValue: { fields: { values: many(1, 'AnyValue') } },
    KeyValueList: { fields: { values: many(1, 'KeyValue') } },
    KeyValue: { fields: { key: field(1, 'string'), value: field(2, 'AnyValue') } },
    Resource: { fields: { attributes: many(1, 'KeyValue') } },
    Scope: { fields: { name: field(1, 'string'), version: field(2, 'string') } },
    Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
    Event: { fields: { timeUnixNano: field(1, 'fixed64'), name: field(2, 'string'), attributes: many(3, 'KeyValue') } },
    Link: { fields: { traceId: field(1, 'bytes'), spanId: field(2, 'bytes') } },
    Span: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        parentSpanId: field(4, 'bytes'),
        name: field(5, 'string'),
        kind: field(6, 'int32'),
        startTimeUnixNano: field(7, 'fixed64'),
        endTimeUnixNano: field(8, 'fixed64'),
        attributes: many(9, 'KeyValue'),
        events: many(11, 'Event'),
        links: many(13, 'Link'),
        status: field(15, 'Status'),
      },
    },
    ScopeSpans: { fields: { scope: field(1, 'Scope'), spans: many(2, 'Span') } },
    ResourceSpans: { fields: { resource: field(1, 'Resource'), scopeSpans: many(2, 'ScopeSpans') } },
    ExportTraceServiceRequest: { fields: { resourceSpans: many(1, 'ResourceSpans') } },
    PartialSuccess: { fields: { rejectedSpans: field(1, 'int64'), errorMessage: field(2, 'string') } },
    ExportTraceServiceResponse: { fields: { partialSuccess: field(1, 'PartialSuccess') } },
    RpcStatus: { fields: { code: field(1, 'int32'), message: field(2, 'string') } },
  },
};

let root: Promise<Root> | undefined;

/** A message type of OTLP; the protobuf library is loaded at the first use. */
export async function otlpType(name: keyof typeof SCHEMA.nested): Promise<Type> {
  root ??= import('protobufjs/light.js').then(({ default: protobuf }) => protobuf.Root.fromJSON(SCHEMA));
  return (await root).lookupType(name);
}
