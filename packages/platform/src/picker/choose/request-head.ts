import { headersOf, type ProcessingRequest, textsOf } from '../wire/messages.ts';
import { FAIRNESS, OBJECTIVE, SUBSET, SUBSET_NAMESPACE } from '../wire/protocol.ts';

/** What the headers and the metadata of a request say of its placement. */
export interface RequestHead {
  readonly requestId: string | undefined;
  readonly path: string;
  /** Name of an InferenceObjective. */
  readonly objective: string | undefined;
  /** Who shares a priority with others in equal parts. */
  readonly fairness: string | undefined;
  readonly session: string | undefined;
  readonly slo: { readonly ttftMs?: number; readonly itlMs?: number } | undefined;
  /** Addresses that may be chosen; all where absent. */
  readonly subset: readonly string[] | undefined;
}

/** Names of the same thing, the older spelling last. */
const TTFT = ['x-llm-d-slo-ttft-ms', 'x-slo-ttft-ms'];
const TPOT = ['x-llm-d-slo-tpot-ms', 'x-slo-tpot-ms'];
const SESSION = ['x-maru-session', 'x-session-id'];

/** Reads the first message of an exchange; a hint that can not be read is no hint. */
export function readHead(message: ProcessingRequest): RequestHead {
  const headers = headersOf(message.requestHeaders ?? {});
  const first = (names: readonly string[]): string | undefined => names.map((name) => headers.get(name)).find((value) => value !== undefined && value !== '');
  const ttftMs = positive(first(TTFT));
  const itlMs = positive(first(TPOT));
  return {
    requestId: first(['x-request-id']),
    path: (headers.get(':path') ?? '').split('?', 1)[0] ?? '',
    objective: first([OBJECTIVE]),
    fairness: first([FAIRNESS])?.slice(0, 256),
    session: first(SESSION)?.slice(0, 256),
    slo: ttftMs === undefined && itlMs === undefined ? undefined : { ...(ttftMs === undefined ? {} : { ttftMs }), ...(itlMs === undefined ? {} : { itlMs }) },
    subset: textsOf(message.metadataContext?.filterMetadata?.[SUBSET_NAMESPACE], SUBSET),
  };
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
