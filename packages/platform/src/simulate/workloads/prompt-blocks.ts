/** A piece of a prompt: pieces with the same key have the same text. */
export interface Piece {
  readonly key: number;
  readonly tokens: number;
}

/** Ids of the full blocks of a prompt, each standing for all before it too: prompts that begin alike begin with the same ids. */
export function promptBlocks(pieces: readonly Piece[], blockTokens: number): readonly number[] {
  const blocks: number[] = [];
  let id = 0;
  let filled = 0;
  for (const { key, tokens } of pieces) {
    for (let offset = 0; offset < tokens; ) {
      const taken = Math.min(blockTokens - filled, tokens - offset);
      id = chained(chained(id, key), offset);
      filled += taken;
      offset += taken;
      if (filled < blockTokens) continue;
      blocks.push(id);
      filled = 0;
    }
  }
  return blocks;
}

export const tokensOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { tokens }) => sum + tokens, 0);

/** Mixes a number into an id below 2^52. */
function chained(id: number, value: number): number {
  const low = (id >>> 0) ^ (value >>> 0);
  const high = Math.floor(id / 0x1_0000_0000) ^ Math.floor(value / 0x1_0000_0000);
  const first = Math.imul(low ^ (low >>> 15), 0x9e3779b1) ^ Math.imul(high + 0x7f4a7c15, 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13) ^ high, 0xc2b2ae35) ^ low;
  return (second >>> 12) * 0x1_0000_0000 + (first >>> 0);
}
