import { z } from 'zod';
import { type AskApi, type AskImage, type AskTool, askToolSchema } from '../../api/ask/ask.ts';

/** What is sent along with every question, as it is typed. */
export interface AskSettings {
  readonly api: AskApi;
  readonly stream: boolean;
  readonly system: string;
  /** Undefined leaves the choice to the model. */
  readonly temperature: number | undefined;
  /** JSON, or empty. */
  readonly tools: string;
  readonly schema: string;
  readonly image: (AskImage & { readonly name: string }) | undefined;
}

export const NO_SETTINGS: AskSettings = Object.freeze({
  api: 'chat',
  stream: true,
  system: '',
  temperature: undefined,
  tools: '',
  schema: '',
  image: undefined,
});

/** Tools and schema of settings, or the names of the fields that are not valid. */
export interface ReadSettings {
  readonly tools: readonly AskTool[];
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  readonly wrong: readonly ('tools' | 'schema')[];
}

const toolsSchema = z.array(askToolSchema).max(64);
const objectSchema = z.record(z.string(), z.unknown());

export function readSettings({ tools, schema }: Pick<AskSettings, 'tools' | 'schema'>): ReadSettings {
  const parsedTools = toolsSchema.safeParse(tools.trim() === '' ? [] : parsed(tools));
  const parsedSchema = objectSchema.optional().safeParse(schema.trim() === '' ? undefined : (parsed(schema) ?? null));
  return {
    tools: parsedTools.success ? parsedTools.data : [],
    schema: parsedSchema.success ? parsedSchema.data : undefined,
    wrong: [...(parsedTools.success ? [] : ['tools' as const]), ...(parsedSchema.success ? [] : ['schema' as const])],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const EXAMPLE_TOOLS = JSON.stringify(
  [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'The weather in a city now',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    },
  ],
  null,
  2,
);

export const EXAMPLE_SCHEMA = JSON.stringify(
  { type: 'object', properties: { answer: { type: 'string' }, sure: { type: 'boolean' } }, required: ['answer', 'sure'], additionalProperties: false },
  null,
  2,
);

const MAX_IMAGE_BYTES = 4 * 1024 * 1024;

/** A picture as base64; undefined for one that is too large or no picture. */
export async function readImage(file: File): Promise<AskSettings['image']> {
  if (file.size > MAX_IMAGE_BYTES || !file.type.startsWith('image/')) return undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { name: file.name, mediaType: file.type, data: btoa(binary) };
}
