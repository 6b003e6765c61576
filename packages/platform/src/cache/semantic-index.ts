import type { Clock } from '#time';

export interface SemanticIndexOptions {
  readonly clock: Clock;
  /** Most vectors in all; the least used facet goes first. */
  readonly maxVectors: number;
  /** Most vectors of one facet: what a search looks at. */
  readonly maxPerFacet: number;
}

interface Entry {
  readonly key: string;
  readonly vector: Float32Array;
  readonly expiresMs: number;
}

/** Questions by their meaning, apart for every facet: a search never leaves the facet that it is given. */
export function createSemanticIndex({ clock, maxVectors, maxPerFacet }: SemanticIndexOptions) {
  const facets = new Map<string, Entry[]>();
  let count = 0;

  const living = (facet: string): Entry[] => {
    const all = facets.get(facet) ?? [];
    const kept = all.filter((entry) => entry.expiresMs > clock.nowMs());
    count -= all.length - kept.length;
    facets.delete(facet);
    if (kept.length > 0) facets.set(facet, kept);
    return kept;
  };

  return {
    get size() {
      return count;
    },
    /** The key of the nearest question with a cosine of at least `threshold`. Vectors have length 1. */
    find(facet: string, vector: Float32Array, threshold: number): { readonly key: string; readonly score: number } | undefined {
      let best: Entry | undefined;
      let bestScore = threshold;
      for (const entry of living(facet)) {
        const score = dot(entry.vector, vector);
        if (score < bestScore) continue;
        best = entry;
        bestScore = score;
      }
      return best === undefined ? undefined : { key: best.key, score: bestScore };
    },
    add(facet: string, entry: Entry): void {
      const kept = living(facet).filter((each) => each.key !== entry.key);
      const before = facets.get(facet)?.length ?? 0;
      const next = [...kept, entry].slice(-maxPerFacet);
      facets.delete(facet);
      facets.set(facet, next);
      count += next.length - before;
      for (const [oldest, entries] of facets) {
        if (count <= maxVectors || oldest === facet) break;
        facets.delete(oldest);
        count -= entries.length;
      }
    },
  };
}

/** Of vectors with different lengths nothing is alike. */
function dot(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) return -1;
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}
