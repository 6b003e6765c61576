import fc from 'fast-check';
import { isPlatformError } from '../../packages/api/src/errors/index.ts';
import { loadFormat } from '../../packages/platform/src/formats/index.ts';
import { EventStreamParser, formatEventStream, SseParser } from '../../packages/platform/src/http/index.ts';
import { parseResources } from '../../packages/platform/src/resources/index.ts';
import { BOUNDARY, CHAT_BODIES, CHAT_STREAM, MULTIPART, REQUESTS, STREAMS, YAML } from './corpus.ts';
import { createFuzzGateway } from './fuzz-gateway.ts';
import { cutAt, cuts, mutated } from './mutate.ts';

/** One parser or path, and what must hold for every input. */
export interface Target {
  readonly name: string;
  /** Throws when something does not hold. */
  readonly property: fc.IAsyncProperty<unknown> | fc.IAsyncPropertyWithHooks<unknown>;
  close?(): Promise<void>;
}

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new RangeError(what);
};

/** Runs what may refuse its input, but only with an error of the catalogue, and never as a fault of our own. */
function refusesWell<T>(run: () => T, codes: readonly string[]): T | undefined {
  try {
    return run();
  } catch (error) {
    must(isPlatformError(error) && codes.includes(error.code), `threw ${String(error)}`);
    return undefined;
  }
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function jsonBodies(): Promise<Target> {
  const { gateway, play, unbalanced, close } = await createFuzzGateway();
  const answer = Buffer.from(
    '{"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  );
  const property = fc.asyncProperty(mutated(CHAT_BODIES), async (body) => {
    play([answer], 'application/json');
    const reply = await gateway.invoke({ operation: 'chat', body, principal: { tenant: 't', keyId: 'k' }, signal: new AbortController().signal });
    const text = await readAll(reply.body);
    must(reply.status === 200 || (reply.status >= 400 && reply.status < 500), `status ${reply.status}: ${text.slice(0, 200)}`);
    must(unbalanced() === 0, 'a reservation is left');
  });
  return { name: 'JSON bodies, through the gateway', property, close };
}

async function upstreamStreams(): Promise<Target> {
  const { gateway, play, unbalanced, close } = await createFuzzGateway();
  const body = Buffer.from(CHAT_BODIES[1] ?? '');
  const property = fc.asyncProperty(mutated([CHAT_STREAM, CHAT_STREAM.replaceAll('\n', '\r\n')]), cuts, async (stream, where) => {
    play(cutAt(stream, where), 'text/event-stream');
    const reply = await gateway.invoke({ operation: 'chat', body, principal: { tenant: 't', keyId: 'k' }, signal: new AbortController().signal });
    const text = await readAll(reply.body);
    const complete = /(^|\n)data: \[DONE\]\n\n$/.test(text);
    must(reply.status === 200 || reply.status === 502, `status ${reply.status}`);
    must(complete || text.includes('"error"'), 'neither complete nor an error');
    must(!complete || stream.includes('[DONE]'), 'a stream without an end looks complete');
    must(unbalanced() === 0, 'a reservation is left');
  });
  return { name: 'streams of upstreams, through the gateway', property, close };
}

async function uploads(): Promise<Target> {
  const { upload, unbalanced, close } = await createFuzzGateway();
  const property = fc.asyncProperty(mutated(MULTIPART), async (body) => {
    const status = await upload(body, `multipart/form-data; boundary=${BOUNDARY}`);
    must([200, 400, 404].includes(status), `status ${status}`);
    must(unbalanced() === 0, 'a reservation is left');
  });
  return { name: 'multipart uploads, over a socket', property, close };
}

async function streamDecoders(): Promise<Target> {
  const names = Object.keys(STREAMS) as (keyof typeof STREAMS)[];
  const formats = new Map(await Promise.all(names.map(async (name) => [name, await loadFormat(name)] as const)));
  const input = fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), mutated([STREAMS[name], STREAMS[name].replaceAll('\n', '\r\n')]), cuts));
  const property = fc.asyncProperty(input, async ([name, stream, where]) => {
    const decode = (pieces: readonly Buffer[]): string[] => {
      const decoder = formats.get(name)?.createStreamDecoder();
      const events = [...pieces.flatMap((piece) => [...(decoder?.push(piece) ?? [])]), ...(decoder?.end() ?? [])];
      const last = events.findIndex((event) => event.type === 'end' || event.type === 'error');
      must(last === events.length - 1, `${name}: the stream has no end, or goes on after it`);
      return events.map((event) => JSON.stringify(event));
    };
    must(decode(cutAt(stream, where)).join('\n') === decode([stream]).join('\n'), `${name}: the places of the cuts change the events`);
  });
  return { name: 'stream decoders of five formats', property };
}

async function requestDecoders(): Promise<Target> {
  const names = Object.keys(REQUESTS) as (keyof typeof REQUESTS)[];
  const formats = new Map(
    await Promise.all([...names, 'cohere-chat' as const, 'bedrock-converse' as const].map(async (name) => [name, await loadFormat(name)] as const)),
  );
  const input = fc.constantFrom(...names).chain((name) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof(
        mutated(REQUESTS[name]),
        fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
      ),
    ),
  );
  const property = fc.asyncProperty(input, async ([name, bytes]) => {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch {
      return;
    }
    const decoded = refusesWell(() => formats.get(name)?.decodeRequest(value, { model: 'm', stream: false }), ['invalid_request', 'not_supported']);
    if (decoded !== undefined) for (const format of formats.values()) JSON.stringify(format.encodeRequest(decoded.request).body);
  });
  return { name: 'requests: decoded, and encoded in six formats', property };
}

async function eventStreams(): Promise<Target> {
  const sse = fc.asyncProperty(mutated(Object.values(STREAMS)), cuts, async (bytes, where) => {
    const read = (pieces: readonly Buffer[]): string => {
      const parser = new SseParser();
      return JSON.stringify(pieces.flatMap((piece) => parser.push(piece)));
    };
    must(read(cutAt(bytes, where)) === read([bytes]), 'the places of the cuts change the events');
  });
  return { name: 'server-sent events', property: sse };
}

async function awsEventStreams(): Promise<Target> {
  const one = formatEventStream({ headers: { ':event-type': 'contentBlockDelta', ':message-type': 'event' }, payload: Buffer.from('{"delta":{"text":"x"}}') });
  const property = fc.asyncProperty(mutated([one, Buffer.concat([one, one, one])]), cuts, async (bytes, where) => {
    const read = (pieces: readonly Buffer[]): string => {
      const parser = new EventStreamParser();
      const messages: unknown[] = [];
      refusesWell(() => {
        for (const piece of pieces) messages.push(...parser.push(piece));
      }, ['upstream_garbage']);
      return JSON.stringify(messages);
    };
    const cut = read(cutAt(bytes, where));
    must(cut.startsWith(read([bytes]).slice(0, -1)) || read([bytes]) === '[]', 'the places of the cuts lose messages');
  });
  return { name: "AWS's event stream", property };
}

async function yamlFiles(): Promise<Target> {
  const property = fc.asyncProperty(mutated(YAML), async (bytes) => {
    const { resources, problems } = parseResources(bytes.toString('utf8'));
    must(Array.isArray(resources) && problems.every((problem) => problem.message.length > 0), 'a problem without words');
  });
  return { name: 'YAML of resources', property };
}

/** Every target, ready to run. */
export const openTargets = (): Promise<Target[]> =>
  Promise.all([jsonBodies(), upstreamStreams(), uploads(), streamDecoders(), requestDecoders(), eventStreams(), awsEventStreams(), yamlFiles()]);
