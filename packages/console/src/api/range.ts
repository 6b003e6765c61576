export const RANGES = ['15m', '1h', '6h', '24h', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];
export const DEFAULT_RANGE: Range = '24h';

const LENGTH_MS: Readonly<Record<Range, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};

/** The range that ends now, in whole seconds so that equal questions look equal. */
export function rangeBounds(range: Range, nowMs: number = Date.now()): { readonly fromMs: number; readonly toMs: number } {
  const toMs = Math.ceil(nowMs / 1000) * 1000;
  return { fromMs: toMs - LENGTH_MS[range], toMs };
}
