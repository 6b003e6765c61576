/** How an engine names a block: a number, or bytes of a digest. Opaque to us. */
export type EngineHash = number | bigint | Uint8Array;

/** 42 bits of an engine's name of a block, spread evenly; the same object is filled again and again. */
export interface EngineKey {
  part: number;
  /** Never 0. */
  fingerprint: number;
}

const float = new Float64Array(1);
const bits = new Uint32Array(float.buffer);

/** Fills `key`. Numbers beyond 2^53 have lost their last bits on the way, the same ones each time, so they stay apart all the same. */
export function fillEngineKey(key: EngineKey, hash: EngineHash): void {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  if (typeof hash === 'object') {
    for (let index = 0; index < hash.length; index += 1) {
      const byte = hash[index] ?? 0;
      high = Math.imul(high ^ byte, 0xcc9e2d51);
      low = Math.imul(low ^ byte, 0x1b873593);
      low ^= low >>> 13;
    }
  } else {
    float[0] = Number(hash);
    high ^= Math.imul(bits[0] ?? 0, 0xcc9e2d51);
    low ^= Math.imul(bits[1] ?? 0, 0x1b873593) ^ (high >>> 7);
  }
  key.fingerprint = finish(high ^ (low << 5)) || 1;
  key.part = finish(low ^ Math.imul(high, 0xc2b2ae35));
}

function finish(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
