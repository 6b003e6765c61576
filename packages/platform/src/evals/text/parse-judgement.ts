import { extractJson } from './extract-json.ts';

/** The statements in a judge's reply; undefined when it is not readable. */
export function parseStatements(reply: string): readonly string[] | undefined {
  const list = listIn(extractJson(reply), 'statements');
  const texts = list?.map((item) => (typeof item === 'string' ? item : fieldOf(item, 'statement')));
  return texts?.every((text) => typeof text === 'string') === true ? texts.filter((text) => text.trim() !== '') : undefined;
}

/** One verdict per statement, in order; undefined when the reply is not readable or has another number of them. */
export function parseVerdicts(reply: string, count: number): readonly (0 | 1)[] | undefined {
  const json = extractJson(reply);
  const list = listIn(json, 'statements') ?? listIn(json, 'verdicts') ?? (fieldOf(json, 'verdict') === undefined ? undefined : [json]);
  const verdicts = list?.map((item) => toVerdict(typeof item === 'object' ? fieldOf(item, 'verdict') : item));
  if (verdicts?.length !== count) return undefined;
  return verdicts.every((verdict) => verdict !== undefined) ? verdicts : undefined;
}

function listIn(json: unknown, key: string): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json;
  const list = fieldOf(json, key);
  return Array.isArray(list) ? list : undefined;
}

const fieldOf = (value: unknown, key: string): unknown => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined);

function toVerdict(value: unknown): 0 | 1 | undefined {
  if (value === 1 || value === true) return 1;
  if (value === 0 || value === false) return 0;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().toLowerCase();
  if (text === '1' || text === 'yes' || text === 'true') return 1;
  return text === '0' || text === 'no' || text === 'false' ? 0 : undefined;
}
