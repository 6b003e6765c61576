import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';

/** One HTTP exchange that a route answers. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Decoded values of the names in the pattern. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Path without the query. */
  readonly path: string;
}

export type RouteHandler = (exchange: Exchange) => void | Promise<void>;

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/runs/{id}`; `{name}` is one segment, `{name+}` is one or more. */
  readonly path: string;
  readonly handle: RouteHandler;
}

export interface HttpRouter {
  /** Runs the matching route. Throws `not_found`, or `method_not_allowed` after setting the allow header. */
  dispatch(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Compiled {
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly methods: Map<string, RouteHandler>;
}

/** Matches method and path. Paths without names win over patterns; among patterns the first one wins. */
export function createHttpRouter(routes: readonly HttpRoute[]): HttpRouter {
  const exact = new Map<string, Map<string, RouteHandler>>();
  const patterns = new Map<string, Compiled>();
  for (const route of routes) {
    if (!route.path.includes('{')) methodsOf(exact, route.path).set(route.method, route.handle);
    else {
      const compiled = patterns.get(route.path) ?? compile(route.path);
      patterns.set(route.path, compiled);
      compiled.methods.set(route.method, route.handle);
    }
  }

  const find = (path: string): { methods: Map<string, RouteHandler>; params: Record<string, string> } | undefined => {
    const direct = exact.get(path);
    if (direct !== undefined) return { methods: direct, params: {} };
    for (const { expression, names, methods } of patterns.values()) {
      const match = expression.exec(path);
      if (match !== null) return { methods, params: Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1] ?? '')])) };
    }
    return undefined;
  };

  return {
    async dispatch(request, response) {
      const { path, query } = splitUrl(request.url ?? '/');
      const found = find(path);
      if (found === undefined) throw new PlatformError('not_found', { message: `there is nothing at ${path.slice(0, 200)}` });
      const method = request.method === 'HEAD' && !found.methods.has('HEAD') ? 'GET' : (request.method ?? 'GET');
      const handle = found.methods.get(method);
      if (handle === undefined) {
        const allow = [...found.methods.keys()].join(', ');
        response.setHeader('allow', allow);
        throw new PlatformError('method_not_allowed', { message: `${path.slice(0, 200)} takes ${allow}` });
      }
      await handle({ request, response, params: found.params, query, path });
    },
  };
}

/** The path and the query of a request; slashes at the end do not matter. */
export function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path: path.length > 1 ? path.replace(/\/+$/, '') || '/' : path, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
}

function methodsOf(exact: Map<string, Map<string, RouteHandler>>, path: string): Map<string, RouteHandler> {
  const methods = exact.get(path) ?? new Map<string, RouteHandler>();
  exact.set(path, methods);
  return methods;
}

function compile(path: string): Compiled {
  const names: string[] = [];
  const source = path
    .split(/(\{\w+\+?\})/)
    .map((part) => {
      const name = /^\{(\w+)(\+?)\}$/.exec(part);
      if (name?.[1] === undefined) return part.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&');
      names.push(name[1]);
      return name[2] === '+' ? '(.+)' : '([^/]+)';
    })
    .join('');
  return { expression: new RegExp(`^${source}$`), names, methods: new Map() };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PlatformError('invalid_request', { message: 'the path is not valid percent-encoding', cause });
  }
}
