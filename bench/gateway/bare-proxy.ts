import { createServer } from 'node:http';
import { Pool } from 'undici';

/**
 * The least that a gateway can do: no keys, no limits, no routing, no usage, no trace.
 * `rewrite` parses the body, sets the model and writes it again; `pipe` passes the bytes on unseen.
 */
const [, , upstream = '', mode = 'rewrite'] = process.argv;
const pool = new Pool(upstream, { connections: 128, pipelining: 1 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    let body = Buffer.concat(chunks);
    if (mode === 'rewrite') {
      const parsed = JSON.parse(body.toString('utf8')) as { model: string };
      parsed.model = 'bench';
      body = Buffer.from(JSON.stringify(parsed));
    }
    pool
      .stream(
        { method: 'POST', path: request.url ?? '/', headers: { 'content-type': 'application/json', authorization: 'Bearer sk-upstream' }, body },
        ({ statusCode, headers }) => response.writeHead(statusCode, headers),
      )
      .catch(() => response.destroy());
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

// The benchmark that started this process has ended.
process.on('disconnect', () => process.exit());
