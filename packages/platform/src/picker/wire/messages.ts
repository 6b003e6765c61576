/** The part of `google.protobuf.Value` that proxies use for addresses. */
interface StructValue {
  readonly stringValue?: string;
  readonly listValue?: { readonly values?: readonly StructValue[] };
  readonly structValue?: Struct;
}

export interface Struct {
  readonly fields?: Readonly<Record<string, StructValue>>;
}

interface HeaderMap {
  readonly headers?: readonly { readonly key?: string; readonly value?: string; readonly rawValue?: Uint8Array }[];
}

export interface HttpHeaders {
  readonly headers?: HeaderMap;
  readonly endOfStream?: boolean;
}

export interface HttpBody {
  readonly body?: Uint8Array;
  readonly endOfStream?: boolean;
}

/** How a body is sent to the picker: the numbers of `ProcessingMode.BodySendMode`. */
export const BODY_NONE = 0;
export const BODY_FULL_DUPLEX = 4;

/** What a proxy tells of one HTTP exchange: exactly one of the six parts is there. */
export interface ProcessingRequest {
  readonly requestHeaders?: HttpHeaders | null;
  readonly requestBody?: HttpBody | null;
  readonly requestTrailers?: object | null;
  readonly responseHeaders?: HttpHeaders | null;
  readonly responseBody?: HttpBody | null;
  readonly responseTrailers?: object | null;
  readonly metadataContext?: { readonly filterMetadata?: Readonly<Record<string, Struct>> } | null;
  readonly attributes?: Readonly<Record<string, Struct>>;
  readonly observabilityMode?: boolean;
  /** In the first message of a stream only. */
  readonly protocolConfig?: { readonly requestBodyMode?: number; readonly responseBodyMode?: number } | null;
}

interface HeaderMutation {
  readonly setHeaders: readonly { readonly header: { readonly key: string; readonly rawValue: Uint8Array }; readonly appendAction: number }[];
}

interface HeadersResponse {
  readonly response?: { readonly headerMutation?: HeaderMutation; readonly clearRouteCache?: boolean };
}

interface BodyResponse {
  readonly response: { readonly bodyMutation: { readonly streamedResponse: { readonly body: Uint8Array; readonly endOfStream: boolean } } };
}

/** What the picker tells the proxy to do. */
export interface ProcessingResponse {
  readonly requestHeaders?: HeadersResponse;
  readonly requestBody?: BodyResponse;
  readonly requestTrailers?: object;
  readonly responseHeaders?: HeadersResponse;
  readonly responseBody?: BodyResponse;
  readonly responseTrailers?: object;
  readonly immediateResponse?: {
    readonly status: { readonly code: number };
    readonly headers: HeaderMutation;
    readonly body: Uint8Array;
    readonly details: string;
  };
  readonly dynamicMetadata?: Struct;
}

const OVERWRITE_OR_ADD = 2;

/** Sets headers, whatever they were. */
export const setHeaders = (headers: Readonly<Record<string, string>>): HeaderMutation => ({
  setHeaders: Object.entries(headers).map(([key, value]) => ({ header: { key, rawValue: Buffer.from(value) }, appendAction: OVERWRITE_OR_ADD })),
});

/** The headers by name; of a header that stands twice the last one. */
export function headersOf(headers: HttpHeaders): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { key, value, rawValue } of headers.headers?.headers ?? []) {
    if (key !== undefined) found.set(key, rawValue === undefined || rawValue.length === 0 ? (value ?? '') : Buffer.from(rawValue).toString('latin1'));
  }
  return found;
}

/** The texts under a name of a struct: one, or a list. */
export function textsOf(struct: Struct | undefined, name: string): readonly string[] | undefined {
  const value = struct?.fields?.[name];
  if (value === undefined) return undefined;
  if (value.listValue !== undefined && value.listValue !== null) return (value.listValue.values ?? []).flatMap(({ stringValue }) => stringValue ?? []);
  return value.stringValue === undefined ? undefined : value.stringValue.split(',').map((text) => text.trim());
}
