export { createAnswerDecoder } from './answer-decoder.ts';
export type { CanonicalAnswer, FinishReason, TokenLogprob } from './canonical/answer.ts';
export { AnswerCollector } from './canonical/answer-collector.ts';
export { toEvents } from './canonical/answer-events.ts';
export type { CanonicalError, FailureKind } from './canonical/error.ts';
export type { CanonicalEvent, PartHead } from './canonical/event.ts';
export type { AssistantMessage, CanonicalMessage, SystemMessage, ToolMessage, UserMessage } from './canonical/message.ts';
export type {
  AssistantPart,
  AudioPart,
  CacheMarker,
  DocumentPart,
  ForeignPart,
  ImagePart,
  MediaSource,
  ReasoningPart,
  RefusalPart,
  Seal,
  SystemPart,
  TextPart,
  ToolCallPart,
  ToolResultContent,
  ToolResultPart,
  UserPart,
  VideoPart,
} from './canonical/part.ts';
export {
  type CanonicalRequest,
  type OutputFormat,
  REASONING_EFFORTS,
  type ReasoningEffort,
  type ReasoningSettings,
  type RequestField,
} from './canonical/request.ts';
export type { CanonicalTool, CustomTool, ForeignTool, FunctionTool, ToolChoice } from './canonical/tool.ts';
export { CAPABILITIES, type Capabilities, type Capability } from './capability.ts';
export { collectStream } from './collect-stream.ts';
export type {
  AnswerContext,
  DecodedRequest,
  Dropped,
  EncodedRequest,
  Format,
  RequestPath,
  StreamDecoder,
  StreamEncoder,
  TokenCounting,
} from './format.ts';
export { loadFormat } from './load-format.ts';
export { WIRE_FORMATS, type WireFormat } from './wire-format.ts';
