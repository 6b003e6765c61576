import type { MediaSource } from './canonical/part.ts';

/** An image or file given as one string: a base64 data URL, or an address. Undefined for what is neither. */
export function parseMediaUrl(url: string): MediaSource | undefined {
  const head = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w-]+=[^;,]*)*;base64,/i.exec(url);
  if (head?.[1] !== undefined) return { type: 'base64', mediaType: head[1].toLowerCase(), data: url.slice(head[0].length) };
  return /^(https?|gs|s3):\/\//i.test(url) ? { type: 'url', url } : undefined;
}

/** The base64 data URL, or the address; undefined for an uploaded file. */
export function toMediaUrl(source: MediaSource): string | undefined {
  if (source.type === 'base64') return `data:${source.mediaType};base64,${source.data}`;
  return source.type === 'url' ? source.url : undefined;
}
