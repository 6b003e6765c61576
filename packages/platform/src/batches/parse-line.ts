import type { BatchEndpoint, BatchProblem } from './batch-info.ts';
import type { FileLine } from './read-lines.ts';

/** A request of an input file. */
interface BatchLine {
  readonly customId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type ParsedLine = { readonly line: BatchLine } | { readonly problem: BatchProblem };

/** Reads one line of an input file; says what is wrong with it. */
export function parseLine(line: FileLine, endpoint: BatchEndpoint): ParsedLine {
  const problem = (code: string, message: string): ParsedLine => ({ problem: { code, message, line: line.number + 1 } });
  let value: unknown;
  try {
    value = JSON.parse(line.bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return problem('invalid_json_line', 'this line is not valid JSON');
  }
  if (!isObject(value)) return problem('invalid_json_line', 'this line is not a JSON object');
  const { custom_id: customId, method, url, body } = value;
  if (typeof customId !== 'string' || customId === '' || customId.length > 512)
    return problem('missing_required_parameter', '"custom_id" must be a text of 1 to 512 letters');
  if (method !== undefined && method !== 'POST') return problem('invalid_method', '"method" must be "POST"');
  if (url !== endpoint) return problem('mismatched_endpoint', `"url" must be "${endpoint}", the endpoint of the batch`);
  if (!isObject(body)) return problem('missing_required_parameter', '"body" must be an object');
  if (typeof body['model'] !== 'string' || body['model'] === '') return problem('missing_required_parameter', '"body.model" must be the name of a model');
  if (body['stream'] === true) return problem('invalid_parameter', '"body.stream" can not be true in a batch');
  return { line: { customId, body } };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
