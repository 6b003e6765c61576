import { API_VERSION, KIND_NAMES, KINDS, type Kind, type Resource } from '@maru/api/resources';
import type { ResourceProblem } from '@maru/api/wire';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { describeIssue, type SchemaIssue } from './describe-issue.ts';
import { nearestName } from './nearest-name.ts';
import { offsetOf } from './node-offset.ts';

/** A resource with the place that it came from. */
export interface LoadedResource {
  readonly resource: Resource;
  readonly file: string | null;
  /** The text of its document, with comments. */
  readonly yaml: string;
  /** Finds the place of a path of the resource; the nearest parent where the path itself is absent. */
  readonly placeOf: (path: readonly (string | number)[]) => { readonly line: number; readonly column: number };
}

/** What reads a text of resources: `parseResources`, or one that remembers. */
export type ParseResources = (text: string, options?: ParseOptions) => ParsedResources;

export interface ParsedResources {
  readonly resources: readonly LoadedResource[];
  readonly problems: readonly ResourceProblem[];
}

export interface ParseOptions {
  readonly file?: string | null;
}

/** Reads every document of a YAML (or JSON) text; never throws for bad input, but lists each problem with line and column. */
export function parseResources(text: string, options: ParseOptions = {}): ParsedResources {
  const file = options.file ?? null;
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  const resources: LoadedResource[] = [];
  const problems: ResourceProblem[] = [];
  if (!Array.isArray(documents)) return { resources, problems };

  for (const document of documents) {
    const place = (offset: number): { line: number; column: number } => {
      const position = lines.linePos(offset);
      return { line: Math.max(1, position.line), column: Math.max(1, position.col) };
    };
    if (document.errors.length > 0) {
      for (const error of document.errors) problems.push({ file, ...place(error.pos[0]), path: '', code: 'yaml_syntax', message: error.message });
      continue;
    }
    if (document.contents === null) continue;
    const placeOf = (path: readonly (string | number)[]): { line: number; column: number } => place(offsetOf(document, path));
    const value: unknown = expand(document, problems, { file, ...placeOf([]) });
    if (value === undefined || value === null) continue;
    const found = checkResource(value);
    if (found.resource !== undefined) resources.push({ resource: found.resource, file, yaml: textOf(document, text), placeOf });
    for (const issue of found.issues)
      problems.push({ file, ...placeOf(issue.at), path: formatPath(issue.path), code: 'resource_invalid', message: issue.message });
  }
  return { resources, problems };
}

/** Turns a document into plain values; a bomb of aliases is a problem, not a crash. */
function expand(document: Document, problems: ResourceProblem[], place: { file: string | null; line: number; column: number }): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    problems.push({ ...place, path: '', code: 'yaml_syntax', message: (cause as Error).message });
    return undefined;
  }
}

interface PlacedIssue {
  readonly path: readonly (string | number)[];
  /** Path of the node to underline. */
  readonly at: readonly (string | number)[];
  readonly message: string;
}

/** Checks one value against the schema of its kind. */
export function checkResource(value: unknown): { readonly resource?: Resource; readonly issues: readonly PlacedIssue[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      issues: [
        {
          path: [],
          at: [],
          message: `a resource is a map with apiVersion, kind, metadata and spec, not ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`,
        },
      ],
    };
  }
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  if (apiVersion !== API_VERSION)
    return { issues: [{ path: ['apiVersion'], at: ['apiVersion'], message: `expected "${API_VERSION}", found ${JSON.stringify(apiVersion) ?? 'nothing'}` }] };
  if (typeof kind !== 'string' || !(kind in KINDS)) {
    const near = typeof kind === 'string' ? nearestName(kind, KIND_NAMES) : undefined;
    return {
      issues: [
        {
          path: ['kind'],
          at: ['kind'],
          message: `unknown kind ${JSON.stringify(kind) ?? '(none)'}; ${near === undefined ? `kinds are ${KIND_NAMES.join(', ')}` : `did you mean "${near}"?`}`,
        },
      ],
    };
  }
  const result = KINDS[kind as Kind].schema.safeParse(value, { reportInput: true });
  if (result.success) return { resource: result.data as Resource, issues: [] };
  return { issues: (result.error.issues as unknown as SchemaIssue[]).flatMap((issue) => describeIssue(issue, KINDS[kind as Kind].schema)) };
}

/** `spec.backends[0].model`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');
}

function textOf(document: Document, text: string): string {
  const [start, , end] = document.range ?? [0, 0, text.length];
  return text
    .slice(start, end)
    .replace(/^---[^\n]*\n/, '')
    .replace(/\n---\s*$/, '\n')
    .trim();
}
