import { createServer } from 'node:http';

/** A model server that costs almost nothing: prepared bytes, one per kind of request, after a delay where one is given. */
const DELAY_MS = Number(process.argv[2] ?? 0);
const words = 'The quick brown fox jumps over the lazy dog and runs away. '.repeat(12);
const json = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'bench',
    choices: [{ index: 0, message: { role: 'assistant', content: words.slice(0, 600) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 220, completion_tokens: 150, total_tokens: 370, prompt_tokens_details: { cached_tokens: 128 } },
  }),
);
const chunk = (fields: object): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'bench', ...fields })}\n\n`);
const tokens = Array.from({ length: 60 }, (_, index) => chunk({ choices: [{ index: 0, delta: { content: ` word${index}` }, finish_reason: null }] }));
const role = chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
const stop = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const usage = chunk({ choices: [], usage: { prompt_tokens: 220, completion_tokens: 60, total_tokens: 280 } });
const done = Buffer.from('data: [DONE]\n\n');
const message = Buffer.from(
  JSON.stringify({
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model: 'bench-claude',
    content: [{ type: 'text', text: words.slice(0, 600) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 92, cache_read_input_tokens: 128, cache_creation_input_tokens: 0, output_tokens: 150 },
  }),
);

const server = createServer((request, response) => {
  let streamed = false;
  let size = 0;
  request.on('data', (bytes: Buffer) => {
    size += bytes.length;
    if (size < 65_536 && bytes.includes('"stream":true')) streamed = true;
  });
  const answer = (): void => {
    if (!streamed) {
      const bytes = request.url?.endsWith('/messages') === true ? message : json;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
      response.end(bytes);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(role);
    let sent = 0;
    // One packet per token, as a model server sends them.
    const next = (): void => {
      const token = tokens[sent];
      sent += 1;
      if (token === undefined) {
        response.write(Buffer.concat([stop, usage]));
        response.end(done);
        return;
      }
      response.write(token);
      setImmediate(next);
    };
    next();
  };
  request.on('end', () => void (DELAY_MS > 0 ? setTimeout(answer, DELAY_MS) : answer()));
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

// The benchmark that started this process has ended.
process.on('disconnect', () => process.exit());
