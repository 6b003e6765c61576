import type { ControlRoute } from './route.ts';

interface Compiled {
  readonly route: ControlRoute;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

export type RouteMatch =
  | { readonly route: ControlRoute; readonly params: Readonly<Record<string, string>> }
  | { readonly allow: readonly string[] }
  | undefined;

/** Makes a finder of routes: the route and its parameters, the allowed methods where only the method is wrong, or undefined. */
export function createRouteMatcher(routes: readonly ControlRoute[]): (method: string, path: string) => RouteMatch {
  const compiled = routes.map(compile);
  return (method, path) => {
    const allow: string[] = [];
    for (const { route, pattern, names } of compiled) {
      const match = pattern.exec(path);
      if (match === null) continue;
      if (route.method !== method) {
        allow.push(route.method);
        continue;
      }
      const params = names.map((name, index) => [name, safeDecode(match[index + 1] ?? '')] as const);
      return { route, params: Object.fromEntries(params) };
    }
    return allow.length === 0 ? undefined : { allow: [...new Set(allow)] };
  };
}

function compile(route: ControlRoute): Compiled {
  const names: string[] = [];
  const source = route.path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\/:([a-zA-Z]+)/g, (_all, name: string) => {
    names.push(name);
    return '/([^/:]+)';
  });
  return { route, pattern: new RegExp(`^${source}$`), names };
}

/** A broken escape is part of the name: it will not be found, and the client is told so. */
function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
