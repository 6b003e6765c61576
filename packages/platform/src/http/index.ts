export { parseJson, readBody } from './body.ts';
export { clientSignal, sendError, sendJson, toErrorBody } from './respond.ts';
export { formatSse, type SseEvent, SseParser } from './sse.ts';
