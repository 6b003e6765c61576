import { findExpression } from './find-expression.ts';

export interface ToolParameters {
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly schemaOf: (name: string) => ParameterSchema;
}

interface ParameterSchema {
  readonly type?: unknown;
  readonly enum?: unknown;
  readonly default?: unknown;
}

const ROLE: readonly (readonly [RegExp, (question: string) => string | undefined])[] = [
  [/^(?:url|uri|link|address|href)$/i, (question) => findUrl(question)],
  [/^(?:expression|expr|formula|equation|calculation)$/i, (question) => findExpression(question)],
  [/^(?:query|q|question|search|search_?term|keywords?|text|prompt|input|message|task)$/i, (question) => question],
];

export function readParameters(parameters: Readonly<Record<string, unknown>> | null | undefined): ToolParameters {
  const properties = isObject(parameters?.['properties']) ? parameters['properties'] : {};
  const required = Array.isArray(parameters?.['required']) ? parameters['required'].filter((name) => typeof name === 'string') : [];
  return { names: Object.keys(properties), required, schemaOf: (name) => (isObject(properties[name]) ? properties[name] : {}) };
}

/**
 * Arguments for the required parameters (or for the only one), out of the words of the question: by the parameter's name (url, expression, query),
 * by its list of values, by its type, or the name that the question mentions. Undefined when one can not be filled.
 */
export function fillArguments(parameters: ToolParameters, question: string): Record<string, unknown> | undefined {
  const wanted = parameters.required.length > 0 ? parameters.required : parameters.names.slice(0, 1);
  const filled: Record<string, unknown> = {};
  for (const name of wanted) {
    const value = valueFor(name, parameters.schemaOf(name), question);
    if (value === undefined) return undefined;
    filled[name] = value;
  }
  return filled;
}

function valueFor(name: string, schema: ParameterSchema, question: string): unknown {
  if (Array.isArray(schema.enum)) return enumValue(schema.enum, question) ?? schema.default;
  if (schema.type === 'number' || schema.type === 'integer') return numberValue(question, schema.type === 'integer') ?? schema.default;
  if (schema.type === 'boolean') return schema.default ?? true;
  if (schema.type === 'array' || schema.type === 'object') return schema.default;
  const role = ROLE.find(([pattern]) => pattern.test(name));
  return role === undefined ? (quoted(question) ?? properName(question) ?? question) : role[1](question);
}

export function findUrl(text: string): string | undefined {
  return /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/i.exec(text)?.[0];
}

function enumValue(values: readonly unknown[], question: string): unknown {
  const text = question.toLowerCase();
  return values.find((value) => typeof value === 'string' && text.includes(value.toLowerCase())) ?? values[0];
}

function numberValue(question: string, whole: boolean): number | undefined {
  const found = /-?\d+(?:\.\d+)?/.exec(question.replace(/(?<=\d),(?=\d{3})/g, ''))?.[0];
  if (found === undefined) return undefined;
  return whole ? Math.trunc(Number(found)) : Number(found);
}

function quoted(question: string): string | undefined {
  return /["“'‘]([^"”'’]{1,200})["”'’]/.exec(question)?.[1];
}

/** The words with capitals that do not begin the sentence: "What is the weather in New York?" → New York. */
function properName(question: string): string | undefined {
  return /(?<=[\p{L}\p{N},:]\s)\p{Lu}[\p{L}\p{N}-]*(?:\s+\p{Lu}[\p{L}\p{N}-]*)*/u.exec(question)?.[0];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
