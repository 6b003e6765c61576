/** Takes one of the items by their weights; `share` is from 0 to 1. Undefined when no item has a weight above 0. */
export function takeByWeight<T extends { readonly weight: number }>(items: readonly T[], share: number): T | undefined {
  const total = items.reduce((sum, item) => sum + item.weight, 0);
  if (total <= 0) return undefined;
  let rest = share * total;
  for (const item of items) {
    if (item.weight <= 0) continue;
    rest -= item.weight;
    if (rest < 0) return item;
  }
  return items.findLast((item) => item.weight > 0);
}
