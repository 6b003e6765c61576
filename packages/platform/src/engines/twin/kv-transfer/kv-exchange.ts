import type { Sequence } from '../sequence.ts';
import type { TwinCore } from '../twin-core.ts';
import type { TwinDriver } from '../twin-driver.ts';
import type { KvLink } from './kv-link.ts';
import { handedOver, type KvTransfer } from './kv-transfer-params.ts';
import type { KvTransferRecord } from './kv-transfer-record.ts';

/** What one request has to do with keys and values of other engines. */
export interface KvExchange {
  /** How its sequence enters the engine: with the tokens that are fetched, once they are here. */
  begin(prompt: { readonly promptTokens: number; readonly hashes: ArrayLike<number> }): {
    readonly received?: number;
    readonly delayMs?: number;
    readonly keepsBlocks?: boolean;
  };
  /** Where another engine finds its blocks; undefined where none wants them. Frees them when they are fetched. */
  handOver(sequence: Sequence): object | undefined;
}

/** Makes the exchange of a request; a broken one lets its transfer fail. */
export type KvExchanges = (transfer: KvTransfer, broken: boolean) => KvExchange;

export interface KvExchangesOptions {
  /** Name under which other engines know this one. */
  readonly engine: string;
  readonly core: TwinCore;
  readonly driver: TwinDriver;
  readonly link: KvLink;
  readonly metrics: KvTransferRecord;
}

/**
 * Makes the exchange of each request. A transfer that fails lets the engine compute the prompt; blocks that are kept are freed when a
 * transfer of all of them would be over, whether somebody fetched them or not.
 */
export function createKvExchanges({ engine, core, driver, link, metrics }: KvExchangesOptions): KvExchanges {
  return (transfer, broken) => ({
    begin({ promptTokens, hashes }) {
      if (transfer === 'keep') return { keepsBlocks: true };
      if (transfer !== 'fetch') return {};
      if (link.fails() || broken) {
        metrics.failed(promptTokens);
        return { delayMs: link.transferMs(0) };
      }
      const { kv } = core;
      // The last token is computed here, because its output is the first token of the answer.
      const tokens = Math.max(0, promptTokens - 1 - core.match(hashes, Math.floor((promptTokens - 1) / kv.blockSize)) * kv.blockSize);
      const ms = link.transferMs(tokens);
      metrics.fetched({ promptTokens, tokens, bytes: link.bytesOf(tokens), ms });
      return { received: promptTokens - 1, delayMs: ms };
    },
    handOver(sequence) {
      if (!sequence.keepsBlocks) return undefined;
      const blocks = [...sequence.table];
      driver.letGo(sequence, link.transferMs(sequence.promptTokens));
      return handedOver(engine, blocks);
    },
  });
}
