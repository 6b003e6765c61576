import type { PassThroughRule } from '#resources';

/** The address for a path; undefined where the rule does not hold for it. It never leaves the host or the folder of the rule's target. */
export function targetOf(rule: PassThroughRule, pathname: string, search: string): URL | undefined {
  if (pathname !== rule.path && !(rule.subpaths && pathname.startsWith(`${rule.path}/`))) return undefined;
  const rest = pathname.slice(rule.path.length);
  // The parser has resolved dots already; those that hide behind an encoding would be resolved by the service.
  if (/%2e|%2f|%5c|\\|\/\//i.test(rest)) return undefined;
  const target = new URL(rule.target);
  target.pathname = `${target.pathname.replace(/\/+$/, '')}${rest}`;
  for (const [name, value] of new URLSearchParams(search)) target.searchParams.append(name, value);
  return target;
}
