import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const SAFE_HEADERS = { 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' };
const compress = promisify(gzip);

/** Serves the built console; answers false when the request is not for it. */
export type ServeAssets = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

interface Asset {
  readonly bytes: Buffer;
  readonly zipped: Buffer | undefined;
}

/** Unknown paths that want HTML get the page itself: it routes in the browser. Only compressed forms of what was asked for stay in memory. */
export function createAssets(folder: string): ServeAssets {
  const cache = new Map<string, Promise<Asset | undefined>>();
  const load = (path: string): Promise<Asset | undefined> => {
    const known = cache.get(path);
    if (known !== undefined) return known;
    const loading = readAsset(join(folder, path));
    cache.set(path, loading);
    return loading;
  };
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    // A program with a key asks for something that is not there; a page would look like an answer.
    const wantsPage = extname(path) === '' && request.headers.authorization === undefined && /text\/html|\*\/\*/.test(request.headers.accept ?? '*/*');
    const name = wantsPage ? '/index.html' : path;
    if (!wantsPage && TYPES[extname(path)] === undefined) return false;
    const asset = await load(name);
    if (asset === undefined) {
      cache.delete(name);
      return false;
    }
    const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')) ? asset.zipped : undefined;
    const bytes = zipped ?? asset.bytes;
    response.writeHead(200, {
      ...SAFE_HEADERS,
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-length': bytes.length,
      'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(zipped === undefined ? {} : { 'content-encoding': 'gzip' }),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return true;
  };
}

async function readAsset(path: string): Promise<Asset | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  return { bytes, zipped: ['.woff2', '.png'].includes(extname(path)) ? undefined : await compress(bytes) };
}
