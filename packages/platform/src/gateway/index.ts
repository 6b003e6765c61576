export type { LocalReply } from './client-sink.ts';
export { isCallPath } from './door.ts';
export { createGateway, type Gateway, type GatewayOptions, type LocalRequest } from './gateway.ts';
export { createIdempotency, type Idempotency } from './idempotency/idempotency.ts';
export { createPassThrough, type PassThrough, type PassThroughMeter, type PassThroughOptions } from './pass-through/pass-through.ts';
export type {
  Admission,
  AdmissionRequest,
  AnswerFacts,
  Attempt,
  AttemptFailure,
  AttemptLeg,
  AttemptOutcome,
  Authenticator,
  Awaitable,
  CallCache,
  CallCachePolicy,
  CallGuards,
  CallWishes,
  Catalogue,
  CatalogueEntry,
  GatewayPorts,
  Payee,
  Placement,
  Plan,
  Principal,
  RequestFacts,
  Reservation,
  SettleFacts,
  Tracer,
} from './ports.ts';
export { createResponses, type Responses, type ResponsesOptions } from './responses/responses.ts';
