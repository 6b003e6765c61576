/** A circle in a directed graph, first node repeated at its end; undefined when there is none. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const trail: string[] = [];
    const stack: { node: string; next: number }[] = [{ node: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top === undefined) break;
      if (top.next === 0) {
        if (done.has(top.node)) {
          stack.pop();
          continue;
        }
        const seen = trail.indexOf(top.node);
        if (seen >= 0) return [...trail.slice(seen), top.node];
        trail.push(top.node);
      }
      const target = (edges.get(top.node) ?? [])[top.next];
      top.next += 1;
      if (target === undefined) {
        done.add(top.node);
        trail.pop();
        stack.pop();
      } else {
        stack.push({ node: target, next: 0 });
      }
    }
  }
  return undefined;
}
