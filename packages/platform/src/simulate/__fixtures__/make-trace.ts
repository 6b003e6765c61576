import { createRandom } from '#time';
import type { Trace } from '../trace/trace-request.ts';

/** Conversations of some families that share their beginnings, arriving at random; the same seed gives the same trace. */
export function makeTrace(requests: number, options: { readonly seed?: number; readonly perSecond?: number; readonly families?: number } = {}): Trace {
  const random = createRandom(options.seed ?? 1);
  const families = options.families ?? 5;
  let atMs = 0;
  let fresh = 1_000_000;
  return {
    format: 'mooncake',
    blockTokens: 512,
    requests: Array.from({ length: requests }, () => {
      atMs += (-Math.log(1 - random()) * 1000) / (options.perSecond ?? 4);
      const family = Math.floor(random() * families);
      const shared = Array.from({ length: 4 + family }, (_, index) => family * 1000 + index);
      const own = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
        fresh += 1;
        return fresh;
      });
      const blocks = [...shared, ...own];
      return { atMs, inputTokens: blocks.length * 512 - Math.floor(random() * 511), outputTokens: 20 + Math.floor(random() * 200), blocks };
    }),
  };
}
