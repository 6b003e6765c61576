import { isMap } from './entry.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import { toFlag, toNumber, toTexts } from './read-value.ts';
import type { Variables } from './variables.ts';

/** A path of the platform that stands for an address elsewhere. */
export interface PassThroughRule {
  readonly path: string;
  readonly target: string;
  /** Sent with every request, in place of the client's; they hold secrets, and stay in memory. */
  readonly headers: Readonly<Record<string, string>>;
  /** What stands behind the path goes on too. */
  readonly subpaths: boolean;
  /** Headers of the client go on, but for its key. */
  readonly forwardHeaders: boolean;
  readonly methods: readonly string[];
  /** US dollars for each request. */
  readonly usdPerRequest: number;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const KNOWN = new Set(['id', 'path', 'target', 'headers', 'include_subpath', 'forward_headers', 'cost_per_request', 'auth', 'methods']);
/** Paths that a pass-through must not take. */
const OWN = /^\/(api|v1\/chat|v1\/models|chat|key|user|team|model|metrics|health|livez|readyz|login)(\/|$)|^\/$/;

/** `general_settings.pass_through_endpoints`. */
export function readPassThrough(config: MergedConfig, variables: Variables, notices: Notices): readonly PassThroughRule[] {
  const general = config.value['general_settings'];
  const list = isMap(general) ? general['pass_through_endpoints'] : undefined;
  if (list === undefined || list === null) return [];
  const path = ['general_settings', 'pass_through_endpoints'];
  if (!Array.isArray(list)) {
    notices.warn(path, 'must be a list; it is left out');
    return [];
  }
  return (list as unknown[]).flatMap((item, index): readonly PassThroughRule[] => {
    const at = [...path, index];
    const refuse = (message: string): readonly PassThroughRule[] => {
      notices.warn(at, `${message}; the endpoint is left out`);
      return [];
    };
    const value = variables.resolve(item, at);
    if (!isMap(value) || typeof value['path'] !== 'string' || typeof value['target'] !== 'string') return refuse('an endpoint needs path and target');
    const own = value['path'].replace(/\/+$/, '');
    if (!/^\/[\w./-]*$/.test(own) || own.includes('..') || OWN.test(own)) return refuse(`"${value['path']}" is no path that an endpoint can have`);
    if (!URL.canParse(value['target']) || !/^https?:$/.test(new URL(value['target']).protocol)) return refuse('the target is no address with http or https');
    if (toFlag(value['auth']) !== true) notices.warn(at, 'LiteLLM serves this path to everybody; here it needs a key');
    for (const key of Object.keys(value)) if (!KNOWN.has(key)) notices.warn([...at, key], 'is not taken over: there is no such setting here');
    const methods = toTexts(value['methods'])?.map((method) => method.toUpperCase()) ?? METHODS;
    return [
      {
        path: own,
        target: value['target'].replace(/\/+$/, ''),
        headers: headersOf(value['headers'], (name) => {
          const text = variables.read(name);
          if (text === undefined) notices.warn([...at, 'headers'], `the variable ${name} is not set`);
          return text ?? '';
        }),
        subpaths: toFlag(value['include_subpath']) ?? false,
        forwardHeaders: toFlag(value['forward_headers']) ?? false,
        methods: methods.filter((method) => METHODS.includes(method)),
        usdPerRequest: Math.min(1e6, Math.max(0, toNumber(value['cost_per_request']) ?? 0)),
      },
    ];
  });
}

/** A reference may stand inside of a value, as in `bearer os.environ/NAME`. */
function headersOf(value: unknown, read: (name: string) => string): Record<string, string> {
  if (!isMap(value)) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, text]) => text !== undefined && text !== null)
      .map(([name, text]) => [name.toLowerCase(), String(text).replace(/os\.environ\/(\w+)/g, (_match, variable: string) => read(variable))]),
  );
}
