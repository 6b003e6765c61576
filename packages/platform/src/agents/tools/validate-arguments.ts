import { PlatformError } from '@maru/api/errors';
import type { Tool } from './tool.ts';

const MAX_ARGUMENT_CHARACTERS = 200_000;

/**
 * The arguments of a call as an object that fits the tool's JSON Schema.
 * Throws `invalid_request` with a message that tells the model what to correct.
 */
export async function validateArguments(tool: Tool, text: string): Promise<Readonly<Record<string, unknown>>> {
  if (text.length > MAX_ARGUMENT_CHARACTERS) throw wrong(tool, `they are longer than ${MAX_ARGUMENT_CHARACTERS} characters`);
  const value = parse(tool, text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(tool, 'they must be a JSON object');
  const { CfWorkerJsonSchemaValidator } = await import('@modelcontextprotocol/client/validators/cf-worker');
  const result = compile(tool, () => new CfWorkerJsonSchemaValidator({ shortcircuit: false }).getValidator(tool.parameters as never))(value);
  if (!result.valid) throw wrong(tool, result.errorMessage ?? 'they do not fit the schema');
  return value as Readonly<Record<string, unknown>>;
}

type Validate = (value: unknown) => { readonly valid: boolean; readonly errorMessage?: string | undefined };
const compiled = new WeakMap<object, Validate>();

/** The check interprets the schema and compiles no code, since schemas come from tool servers. */
function compile(tool: Tool, make: () => Validate): Validate {
  const known = compiled.get(tool.parameters);
  if (known !== undefined) return known;
  const fresh = make();
  compiled.set(tool.parameters, fresh);
  return fresh;
}

function parse(tool: Tool, text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw wrong(tool, `they are not valid JSON (${(cause as Error).message})`);
  }
}

const wrong = (tool: Tool, why: string): PlatformError =>
  new PlatformError('invalid_request', {
    message: `the arguments of the tool "${tool.name}" are wrong: ${why}. The schema is ${JSON.stringify(tool.parameters).slice(0, 2000)}`,
  });
