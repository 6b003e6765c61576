import { type Architecture, FACTORS } from './catalogue.ts';
import type { Precision } from './demand.ts';

/** Bytes of the weights in a precision; `native` is the published checkpoint. */
export function weightBytes(architecture: Architecture, precision: Precision): number {
  switch (precision) {
    case 'native':
      return Math.round(architecture.checkpointBytes ?? architecture.parameters * architecture.bytesPerWeight);
    case 'bf16':
      return Math.round(architecture.parameters * 2);
    case 'fp8':
      return Math.round(architecture.parameters);
    case 'int4':
      return Math.round(architecture.parameters * FACTORS.int4BytesPerWeight);
  }
}

/** Bytes of keys and values that one sequence of `tokens` keeps, counted once over all GPUs. */
export function kvBytesOfSequence(architecture: Architecture, tokens: number, bytesPerKv: number): number {
  const perLayer = architecture.kvLatentDim ?? 2 * architecture.kvHeads * architecture.headDim;
  const window = architecture.slidingWindow;
  const fullLayers = window?.fullLayers ?? architecture.layers;
  const slidingLayers = architecture.layers - fullLayers;
  return perLayer * bytesPerKv * (fullLayers * tokens + slidingLayers * Math.min(tokens, window?.tokens ?? 0));
}

/** How often the keys and values are held: heads can not be split further than there are, and latent attention is kept whole on each GPU. */
export function kvCopies(architecture: Architecture, tensorParallel: number): number {
  return architecture.kvLatentDim === undefined ? Math.max(1, tensorParallel / architecture.kvHeads) : tensorParallel;
}

/** Whether the heads can be divided among so many GPUs. */
export function canSplitHeads(architecture: Architecture, tensorParallel: number): boolean {
  if (architecture.attentionHeads % tensorParallel !== 0) return false;
  return tensorParallel <= architecture.kvHeads ? architecture.kvHeads % tensorParallel === 0 : tensorParallel % architecture.kvHeads === 0;
}
