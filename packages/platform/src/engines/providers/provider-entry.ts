import type { WireFormat } from '#formats';
import type { ProviderContinuation } from '../continuation/continuation.ts';
import type { EngineOperation } from '../engine.ts';
import type { PassOperation } from '../pass-request.ts';
import type { FieldEdits } from '../transport/edit-fields.ts';

/** Which transport carries the calls. */
type TransportName = 'openai' | 'azure' | 'anthropic' | 'gemini' | 'vertex' | 'bedrock' | 'cohere';

/** What is known of one provider. */
export interface ProviderEntry {
  /** Its own name, for people. */
  readonly title: string;
  readonly group: 'native' | 'service' | 'server';
  readonly transport: TransportName;
  /** Where it serves its API; undefined when every customer or installation has an address of its own. */
  readonly baseUrl: string | undefined;
  /** Form of the address where it is undefined. */
  readonly addressForm?: string;
  /** Variable that its own documentation keeps the key in. */
  readonly keyVariable: string | undefined;
  /** Whether it can not be called without a key. */
  readonly needsKey: boolean;
  /** Formats of a chat call, best first. */
  readonly speaks: readonly WireFormat[];
  readonly operations: readonly EngineOperation[];
  /** Operations whose bytes are passed on. */
  readonly passes: readonly PassOperation[];
  /** Parameters that it knows by another name, and such as mean nothing to the answer and that it refuses to see. */
  readonly quirks?: Pick<FieldEdits, 'renames' | 'omits'>;
  /** Parameters that change the answer and that it does not take: it answers with an error of its own. */
  readonly refuses?: readonly string[];
  /** Field of its usage that counts cached prompt tokens, where that is not the one of OpenAI. */
  readonly cachedTokens?: string;
  /** The form of its batch API, and the share of the price that requests in it cost. */
  readonly batchApi?: { readonly form: 'openai' | 'azure' | 'anthropic' | 'mistral' | 'gemini'; readonly percent: number };
  /** How its models go on with an answer that has begun elsewhere; absent where they can not, or nobody knows. */
  readonly continuation?: ProviderContinuation;
}

type Fields = Partial<ProviderEntry> & Pick<ProviderEntry, 'title'>;

const OPENAI_LIKE = { transport: 'openai', baseUrl: undefined, keyVariable: undefined, speaks: ['openai-chat'], operations: ['chat'], passes: [] } as const;

/** A paid service with the OpenAI API. */
export const service = (fields: Fields): ProviderEntry => Object.freeze({ ...OPENAI_LIKE, group: 'service', needsKey: true, ...fields });

/** A server that a team runs itself, with the OpenAI API. */
export const server = (fields: Fields): ProviderEntry => Object.freeze({ ...OPENAI_LIKE, group: 'server', needsKey: false, ...fields });

/** A provider with a transport of its own. */
export const native = (fields: Fields & Pick<ProviderEntry, 'transport' | 'speaks'>): ProviderEntry =>
  Object.freeze({ ...OPENAI_LIKE, group: 'native', needsKey: true, ...fields });
