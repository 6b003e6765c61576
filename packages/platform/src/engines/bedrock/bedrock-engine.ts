import type { Clock } from '#time';
import type { AwsCredentials } from '../aws/aws-asking.ts';
import { signV4 } from '../aws/sign-v4.ts';
import type { Refreshing } from '../credentials/refreshing.ts';
import type { Engine } from '../engine.ts';
import type { Authorize } from '../transport/authorize.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';

export interface BedrockOptions extends TransportOptions {
  readonly region: string;
  /** A Bedrock API key; requests are signed where absent. */
  readonly apiKey?: string | undefined;
  readonly credentials: Refreshing<AwsCredentials>;
  readonly clock: Clock;
}

/** Calls Amazon Bedrock by Converse and ConverseStream; streams are the binary event stream of AWS. */
export function createBedrockEngine(options: BedrockOptions): Engine {
  const { apiKey } = options;
  const headers = { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...options.headers };
  const model = `/model/${encodeURIComponent(options.servedName)}`;
  return createTransport(
    { ...options, headers },
    {
      speaks: ['bedrock-converse'],
      target: ({ operation, format, stream }, prefix) =>
        operation === 'chat' && format === 'bedrock-converse' ? { path: `${prefix}${model}/converse${stream ? '-stream' : ''}` } : undefined,
      ...(apiKey === undefined ? { authorize: signer(options) } : {}),
    },
  );
}

const signer = ({ credentials, region, clock }: BedrockOptions): Authorize => ({
  async headers({ method, host, path, contentType, body }, signal) {
    const keys = await credentials.get(signal);
    // Bedrock has no operation whose body is not whole.
    const bytes = body instanceof Uint8Array ? body : new Uint8Array();
    return signV4({ method, host, path, headers: { 'content-type': contentType }, body: bytes }, { keys, region, service: 'bedrock', nowMs: clock.nowMs() });
  },
  refused: () => credentials.forget(),
  close: async () => credentials.close(),
});
