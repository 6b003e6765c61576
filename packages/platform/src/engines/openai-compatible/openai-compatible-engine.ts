import type { WireFormat } from '#formats';
import { continuationEdits } from '../continuation/continuation.ts';
import type { Engine } from '../engine.ts';
import type { PassOperation } from '../pass-request.ts';
import { editFields, type FieldEdits } from '../transport/edit-fields.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';
import { openAiPassPath, openAiPath } from './openai-paths.ts';

export interface OpenAiCompatibleOptions extends TransportOptions {
  readonly apiKey?: string | undefined;
  /** Formats of a chat call; the format of OpenAI where absent. */
  readonly speaks?: readonly WireFormat[];
  /** Operations that are passed on; every one that has a path where absent. */
  readonly passes?: readonly PassOperation[];
  readonly quirks?: Pick<FieldEdits, 'renames' | 'omits'>;
  /** Parameters that the server answers with an error. */
  readonly refuses?: readonly string[];
}

/** Calls any server that speaks the OpenAI API: bytes in, bytes out; only what marks a failure is looked at. */
export function createOpenAiCompatibleEngine(options: OpenAiCompatibleOptions): Engine {
  const { apiKey, quirks, passes, refuses } = options;
  const speaks = options.speaks ?? ['openai-chat'];
  const headers = { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...options.headers };
  const engine = createTransport(
    { ...options, headers },
    {
      speaks,
      target(request, prefix) {
        const path = request.operation === 'chat' && !speaks.includes(request.format) ? undefined : openAiPath(request);
        if (path === undefined) return undefined;
        const goesOn = request.continues === true && request.format === 'openai-chat' ? options.continuation : undefined;
        if (quirks === undefined && request.omits === undefined && goesOn === undefined) return { path: prefix + path };
        const omits = [...(quirks?.omits ?? []), ...(request.omits ?? [])];
        const edits = { ...quirks, omits, ...(goesOn === undefined ? {} : continuationEdits(goesOn)) };
        return { path: goesOn?.path === undefined ? prefix + path : prefix.replace(/\/v\d+$/, '') + goesOn.path, body: editFields(request.body, edits) };
      },
      pass(operation, prefix) {
        const path = passes?.includes(operation) === false ? undefined : openAiPassPath(operation, prefix);
        return path === undefined ? undefined : { path };
      },
    },
  );
  return refuses === undefined ? engine : { ...engine, refuses };
}
