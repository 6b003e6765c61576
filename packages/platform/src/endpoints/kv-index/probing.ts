/** Fullest that a small table gets: linear probing stays within a few cache lines, and memory is what limits an index. */
const MAX_LOAD = 0.94;

/** Slots of a table that has outgrown `slots`: small steps, so that little memory stands empty. */
export const grownSlots = (slots: number): number => (slots < 32 ? slots + 8 : Math.ceil((slots * 17) / 16));

/** Whether one more entry is too many. */
export const isFull = (entries: number, slots: number): boolean => entries + 1 > slots * MAX_LOAD;

/** The slot that a fingerprint (32 bits) wants; grows with the fingerprint, whatever the number of slots. */
export const homeOf = (fingerprint: number, slots: number): number => Math.floor((fingerprint * slots) / 0x1_0000_0000);
