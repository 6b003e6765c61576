import type { JudgeFacts } from './judge-facts.ts';

type Schema = Readonly<Record<string, unknown>>;
type Claim = JudgeFacts['claims'][number];

const VERDICT = /verdict|support|faithful|entail|ground|correct|valid|pass|true|relevant|complete|done/i;
const MAX_DEPTH = 8;

/**
 * A value for a JSON schema, by the names of its properties: statements and claims come from the answer that is judged, verdicts from the
 * comparison with the passages, scores are the share of supported claims, reasons say so in words, every other string is the answer.
 */
export function fillSchema(schema: Schema, facts: JudgeFacts, place: { name: string; claim?: Claim; depth?: number }): unknown {
  const { name, claim } = place;
  const depth = (place.depth ?? 0) + 1;
  const properties = schema['properties'];
  if (depth > MAX_DEPTH) return null;
  if (isSchema(properties))
    return Object.fromEntries(
      Object.entries(properties).map(([key, child]) => [key, fillSchema(isSchema(child) ? child : {}, facts, { ...place, name: key, depth })]),
    );
  if (schema['type'] === 'array' || isSchema(schema['items'])) return fillList(schema, facts, { name, depth });
  const supported = claim?.supported ?? (facts.claims.length > 0 && facts.claims.every((entry) => entry.supported));
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choose(choices, supported);
  if (schema['type'] === 'boolean') return supported;
  if (schema['type'] === 'integer' || schema['type'] === 'number') return VERDICT.test(name) && claim !== undefined ? Number(supported) : share(facts);
  if (/statement|claim|sentence/i.test(name)) return claim?.text ?? facts.answer;
  if (/reason|explan|rationale|comment/i.test(name)) return reasonOf(facts, claim);
  if (VERDICT.test(name) && facts.judging) return supported ? 'yes' : 'no';
  return /question|query/i.test(name) ? facts.question : facts.answer;
}

function fillList(schema: Schema, facts: JudgeFacts, place: { name: string; depth: number }): unknown[] {
  const items = isSchema(schema['items']) ? schema['items'] : { type: 'string' };
  if (/citation|source|reference/i.test(place.name)) return [...facts.citations];
  if (/step|plan|task/i.test(place.name)) return [facts.question];
  if (/statement|claim|sentence|verdict|result|judg|fact/i.test(place.name))
    return facts.claims.map((claim) => fillSchema(items, facts, { name: items['type'] === 'string' ? 'statement' : place.name, claim, depth: place.depth }));
  return items['type'] === 'string' && facts.answer !== '' ? [facts.answer] : [];
}

function choose(choices: readonly unknown[], supported: boolean): unknown {
  const wanted = supported ? /^(?:yes|true|pass|supported|faithful|correct|1)/i : /^(?:no|false|fail|unsupported|unfaithful|incorrect|not|0)/i;
  return choices.find((choice) => wanted.test(String(choice))) ?? (supported ? choices[0] : choices.at(-1));
}

function share(facts: JudgeFacts): number {
  return facts.claims.length === 0 ? 0 : facts.claims.filter((claim) => claim.supported).length / facts.claims.length;
}

function reasonOf(facts: JudgeFacts, claim: Claim | undefined): string {
  if (claim !== undefined) return claim.supported ? 'The passages hold its words and figures.' : 'The passages do not hold its words or figures.';
  return `${facts.claims.filter((entry) => entry.supported).length} of ${facts.claims.length} statements are supported by the passages, by their words.`;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
