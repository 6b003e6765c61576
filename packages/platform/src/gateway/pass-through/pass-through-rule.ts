/** A path of the platform that stands for an address elsewhere. */
export interface PassThroughRule {
  readonly path: string;
  readonly target: string;
  /** Sent in place of the client's; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What stands behind the path goes on too. */
  readonly subpaths: boolean;
  /** Headers of the client go on, but for its key. */
  readonly forwardHeaders: boolean;
  readonly methods: readonly string[];
  readonly usdPerRequest: number;
}

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
