export { parseJson, readBody } from './body.ts';
export { ByteQueue, type ByteQueueOptions, type ByteSink } from './byte-queue.ts';
export { decodeBody } from './decode-body.ts';
export { clientSignal, sendError, sendJson, toErrorBody } from './respond.ts';
export { formatSse, type SseEvent, SseParser } from './sse.ts';
export { createUpstream, type Upstream, type UpstreamOptions, type UpstreamReply, type UpstreamRequest, type UpstreamWatch } from './upstream.ts';
