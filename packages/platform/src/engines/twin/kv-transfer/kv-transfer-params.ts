import { z } from 'zod';

const MAX_BLOCKS = 1_000_000;

/** `kv_transfer_params` of a request, as the NIXL connector of vLLM reads it. */
export const kvTransferSchema = z.looseObject({
  do_remote_decode: z.boolean().nullish(),
  do_remote_prefill: z.boolean().nullish(),
  remote_engine_id: z.string().max(256).nullish(),
  remote_block_ids: z.array(z.number().int().nonnegative()).max(MAX_BLOCKS).nullish(),
});

/** What a request asks of keys and values: to keep them for another engine, or to fetch them from one. */
export type KvTransfer = 'none' | 'keep' | 'fetch';

/** A request to fetch without saying where from is computed in place, as vLLM does. */
export function kvTransferOf(params: z.infer<typeof kvTransferSchema> | null | undefined): KvTransfer {
  if (params?.do_remote_decode === true) return 'keep';
  const named = (params?.remote_engine_id ?? '') !== '' && (params?.remote_block_ids?.length ?? 0) > 0;
  return params?.do_remote_prefill === true && named ? 'fetch' : 'none';
}

/** What the decode engine is to be sent: where the blocks of the prompt lie. */
export const handedOver = (engine: string, blocks: readonly number[]): object => ({
  do_remote_prefill: true,
  do_remote_decode: false,
  remote_engine_id: engine,
  remote_block_ids: blocks,
  remote_host: 'localhost',
  remote_port: 5600,
  tp_size: 1,
});
