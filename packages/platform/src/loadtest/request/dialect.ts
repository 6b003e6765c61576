/** What a server understands beyond the least that all of them do; found out by trying. */
export interface Dialect {
  /** Answers of exactly the wanted length. */
  readonly ignoreEos: boolean;
  /** A count of tokens at the end of a stream. */
  readonly usageInStream: boolean;
  readonly lengthField: 'max_tokens' | 'max_completion_tokens';
}

export interface RequestContent {
  readonly operation: 'chat' | 'completions';
  readonly model: string;
  readonly prompt: string;
  readonly outputTokens: number;
  readonly streaming: boolean;
}

/** The body of a request in the format of OpenAI. */
export function toBody(content: RequestContent, dialect: Dialect): Buffer {
  const { operation, model, prompt, outputTokens, streaming } = content;
  return Buffer.from(
    JSON.stringify({
      model,
      ...(operation === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt }),
      [dialect.lengthField]: outputTokens,
      ...(dialect.ignoreEos ? { ignore_eos: true } : {}),
      ...(streaming ? { stream: true, ...(dialect.usageInStream ? { stream_options: { include_usage: true } } : {}) } : {}),
    }),
  );
}

/** Dialects to try in turn: each gives up one more thing that a server may refuse. */
export function dialectsFrom(wanted: { readonly ignoreEos: boolean }): readonly Dialect[] {
  const full: Dialect = { ignoreEos: wanted.ignoreEos, usageInStream: true, lengthField: 'max_tokens' };
  const plain: Dialect = { ...full, ignoreEos: false };
  return [...(wanted.ignoreEos ? [full] : []), plain, { ...plain, lengthField: 'max_completion_tokens' }, { ...plain, usageInStream: false }];
}
