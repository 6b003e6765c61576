import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { SseParser } from '#http';

const count = z.number().int().nonnegative();
const text = z.string().nullish();
const answerSchema = z.looseObject({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.looseObject({
        text,
        finish_reason: text,
        delta: z.looseObject({ content: text, reasoning_content: text, reasoning: text, tool_calls: z.array(z.unknown()).nullish() }).nullish(),
      }),
    )
    .nullish(),
  usage: z
    .looseObject({
      prompt_tokens: count.nullish(),
      completion_tokens: count.nullish(),
      prompt_tokens_details: z.looseObject({ cached_tokens: count.nullish() }).nullish(),
    })
    .nullish(),
});
type Answer = z.infer<typeof answerSchema>;

export interface AnswerFacts {
  readonly chunkMs: readonly number[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Reads a stream of events; throws `upstream_cut` when it ends before its end, `upstream_garbage` for what is not an answer. */
export async function readStream(body: AsyncIterable<Uint8Array>, nowMs: () => number): Promise<AnswerFacts> {
  const parser = new SseParser();
  const chunkMs: number[] = [];
  let firstMs: number | undefined;
  let usage: Answer['usage'];
  let finished = false;
  for await (const chunk of body) {
    for (const { data } of parser.push(chunk)) {
      if (data === '[DONE]') {
        finished = true;
        continue;
      }
      const answer = parseAnswer(data);
      usage = answer.usage ?? usage;
      const choice = answer.choices?.[0];
      if (choice === undefined) continue;
      finished ||= typeof choice.finish_reason === 'string';
      firstMs ??= nowMs();
      if (bringsText(choice)) chunkMs.push(nowMs());
    }
  }
  if (!finished) throw new PlatformError('upstream_cut', { message: 'the stream ended before the answer did' });
  // An answer of tokens without text still has a first one.
  if (chunkMs.length === 0 && firstMs !== undefined && (usage?.completion_tokens ?? 0) > 0) chunkMs.push(firstMs);
  return facts(chunkMs, usage);
}

/** Reads an answer in one piece; throws `upstream_garbage`. */
export async function readWhole(body: AsyncIterable<Uint8Array>, nowMs: () => number): Promise<AnswerFacts> {
  const text = await readText(body);
  const answer = parseAnswer(text);
  if (answer.choices === undefined || answer.choices === null) throw garbage(text);
  return facts([nowMs()], answer.usage);
}

/** Everything that a body holds, up to a limit. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new PlatformError('upstream_garbage', { message: `the answer is larger than ${MAX_BODY_BYTES} bytes` });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function bringsText(choice: NonNullable<NonNullable<Answer['choices']>[number]>): boolean {
  const { delta } = choice;
  return [choice.text, delta?.content, delta?.reasoning_content, delta?.reasoning].some((part) => (part ?? '') !== '') || (delta?.tool_calls?.length ?? 0) > 0;
}

function parseAnswer(json: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw garbage(json);
  }
  const result = answerSchema.safeParse(value);
  if (!result.success) throw garbage(json);
  if (result.data.error !== undefined && result.data.error !== null) {
    throw new PlatformError('upstream_rejected', { message: `the server ended the answer with an error: ${JSON.stringify(result.data.error).slice(0, 200)}` });
  }
  return result.data;
}

const facts = (chunkMs: readonly number[], usage: Answer['usage']): AnswerFacts => ({
  chunkMs,
  inputTokens: usage?.prompt_tokens ?? undefined,
  outputTokens: usage?.completion_tokens ?? undefined,
  cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? undefined,
});

const garbage = (text: string): PlatformError =>
  new PlatformError('upstream_garbage', { message: `the answer is not in the format of OpenAI: ${text.slice(0, 200)}` });
