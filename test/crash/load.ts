import type { PlatformProcess } from '../harness/platform-process.ts';

/** An answer that the client has seen whole: the platform may never forget what it cost. */
interface Acknowledged {
  readonly requestId: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface LoadResult {
  readonly answers: Acknowledged[];
  /** Runs that were accepted (202). */
  readonly agentRuns: string[];
  readonly pipelineRuns: string[];
}

export interface LoadOptions {
  readonly platform: PlatformProcess;
  readonly random: () => number;
  readonly countedUrl: string;
  readonly round: number;
  readonly stopped: () => boolean;
  readonly into: LoadResult;
}

/** Sends traffic of all kinds until the platform is gone; what was acknowledged is written down. */
export async function sendLoad(options: LoadOptions): Promise<void> {
  const chats = Array.from({ length: 4 }, (_, client) => chatForever(options, client));
  await Promise.all([...chats, startRuns(options)]);
}

async function chatForever(options: LoadOptions, client: number): Promise<void> {
  for (let index = 0; !options.stopped(); index += 1) {
    const stream = options.random() < 0.5;
    const model = options.random() < 0.5 ? 'reader' : 'sim';
    const prompt = `question ${options.round}-${client}-${index} ${'word '.repeat(Math.floor(options.random() * 200))}`;
    const body = {
      model,
      stream,
      max_tokens: 20,
      messages: [{ role: 'user', content: prompt }],
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    };
    try {
      const response = await call(options.platform, '/v1/chat/completions', body);
      const text = await response.text();
      if (response.status !== 200 || (stream && !text.trimEnd().endsWith('data: [DONE]'))) continue;
      const usage = stream ? usageOfStream(text) : (JSON.parse(text) as { usage: Usage }).usage;
      options.into.answers.push({
        requestId: response.headers.get('x-request-id') ?? '',
        promptTokens: usage.prompt_tokens,
        completionTokens: usage.completion_tokens,
      });
    } catch {
      // The platform was killed in the middle: nothing was acknowledged.
    }
  }
}

async function startRuns(options: LoadOptions): Promise<void> {
  try {
    for (let index = 0; index < 2; index += 1) {
      const input = `Fetch ${options.countedUrl}/r${options.round}n${index} please`;
      const response = await call(options.platform, '/api/v1/agents/counter/runs', { input });
      if (response.status === 202) options.into.agentRuns.push(((await response.json()) as { id: string }).id);
    }
    await call(options.platform, '/api/v1/knowledge/topics/ingestions', {});
    const pipeline = await call(options.platform, '/api/v1/pipelines/refresh/runs', {});
    if (pipeline.status === 202) options.into.pipelineRuns.push(((await pipeline.json()) as { id: string }).id);
  } catch {
    // Killed before the run was accepted.
  }
}

const call = (platform: PlatformProcess, path: string, body: unknown): Promise<Response> =>
  fetch(`${platform.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

function usageOfStream(text: string): Usage {
  const chunks = text.split('\n').filter((line) => line.startsWith('data: {'));
  for (const line of chunks.reverse()) {
    const { usage } = JSON.parse(line.slice(6)) as { usage?: Usage | null };
    if (usage !== undefined && usage !== null) return usage;
  }
  return { prompt_tokens: -1, completion_tokens: -1 };
}
