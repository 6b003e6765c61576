import { estimateTokens } from './estimate-tokens.ts';

export interface LimitedText {
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
}

/** Cuts a text at the first stop string, and after as many words as fit into the tokens. */
export function limitText(text: string, limits: { maxTokens: number | undefined; stop: readonly string[] }): LimitedText {
  const stops = limits.stop.map((stop) => (stop === '' ? -1 : text.indexOf(stop))).filter((at) => at >= 0);
  const stopped = stops.length === 0 ? text : text.slice(0, Math.min(...stops));
  const { maxTokens } = limits;
  if (maxTokens === undefined || estimateTokens(stopped) <= maxTokens) return { text: stopped, finishReason: 'stop' };
  let kept = '';
  let tokens = 0;
  for (const [piece] of stopped.matchAll(/\s*\S+/g)) {
    tokens += estimateTokens(piece);
    if (tokens > maxTokens) break;
    kept += piece;
  }
  // One token is always given: an empty answer would look like a fault.
  return { text: kept === '' ? [...stopped].slice(0, 6).join('') : kept, finishReason: 'length' };
}
