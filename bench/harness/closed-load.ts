import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';

export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Keeps `concurrency` requests in flight until `requests` are answered; returns their times in milliseconds. Throws on any status but 200. */
export async function runClosedLoad(
  url: string,
  request: LoadRequest,
  options: { readonly requests: number; readonly concurrency: number },
): Promise<number[]> {
  const pool = new Pool(url, { connections: options.concurrency });
  const body = Buffer.from(request.body);
  const headers = { 'content-type': 'application/json', ...request.headers };
  const times: number[] = [];
  let left = options.requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const beganMs = performance.now();
      const reply = await pool.request({ method: 'POST', path: request.path, headers, body, headersTimeout: 60_000, bodyTimeout: 60_000 });
      if (reply.statusCode !== 200) throw new Error(`${url}${request.path} answered ${reply.statusCode}: ${(await reply.body.text()).slice(0, 500)}`);
      await reply.body.dump({ limit: 50_000_000 });
      times.push(performance.now() - beganMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, worker));
  } finally {
    await pool.close();
  }
  return times;
}
