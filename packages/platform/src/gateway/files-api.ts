import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { FILE_PURPOSES, type FilePurpose, type Files, fileToWire } from '#batches';
import { sendJsonWith } from '#http';
import type { Principal } from './ports.ts';
import { receiveUpload } from './receive-upload.ts';

/** A request for a stored object, whose sender is known. */
export interface ObjectRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Without its query. */
  readonly path: string;
  readonly principal: Principal;
  readonly headers: Readonly<Record<string, string>>;
}

const FILE = /^\/v1\/files\/([^/]+)(\/content)?$/;

export const isFilesPath = (path: string): boolean => path === '/v1/files' || FILE.test(path);

/** The files API of OpenAI: upload, list, get, content, delete. Throws what {@link Files} throws, and `method_not_allowed`. */
export async function answerFiles(files: Files, asked: ObjectRequest): Promise<void> {
  const { request, response, path, principal, headers } = asked;
  const { tenant } = principal;
  const send = (body: unknown): void => sendJsonWith(response, { status: 200, headers }, body);
  const method = request.method ?? '';
  const match = FILE.exec(path);
  const id = match?.[1];
  if (id === undefined) {
    if (method === 'POST') return send(fileToWire(await upload(files, asked)));
    if (method === 'GET') return send(await list(files, asked));
    throw wrongMethod(asked, 'GET, POST');
  }
  if (match?.[2] !== undefined) {
    if (method !== 'GET') throw wrongMethod(asked, 'GET');
    return sendContent(files, asked, id);
  }
  if (method === 'GET') return send(fileToWire(await files.get(tenant, id)));
  if (method !== 'DELETE') throw wrongMethod(asked, 'GET, DELETE');
  await files.remove(tenant, id);
  send({ id, object: 'file', deleted: true });
}

export function wrongMethod({ response, path }: ObjectRequest, allowed: string): PlatformError {
  response.setHeader('allow', allowed);
  return new PlatformError('method_not_allowed', { message: `${path.slice(0, 100)} takes ${allowed}` });
}

function upload(files: Files, { request, principal }: ObjectRequest) {
  const { tenant, keyId } = principal;
  return receiveUpload(request, ({ fields, filename, source }) =>
    files.receive({
      tenant,
      keyId,
      filename,
      source,
      settings: async () => {
        const given = await fields;
        const purpose = given.get('purpose') ?? '';
        if (!isPurpose(purpose))
          throw new PlatformError('invalid_request', { message: `"purpose" must be one of ${FILE_PURPOSES.join(', ')}`, details: { param: 'purpose' } });
        return { purpose, ttlMs: readTtlMs(given) };
      },
    }),
  );
}

const isPurpose = (purpose: string): purpose is FilePurpose => (FILE_PURPOSES as readonly string[]).includes(purpose);

/** `expires_after`, from an hour to 30 days after the upload. */
function readTtlMs(fields: ReadonlyMap<string, string>): number | undefined {
  const seconds = fields.get('expires_after[seconds]');
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (!Number.isInteger(value) || value < 3600 || value > 2_592_000)
    throw new PlatformError('invalid_request', {
      message: '"expires_after[seconds]" must be a whole number from 3600 to 2592000',
      details: { param: 'expires_after' },
    });
  return value * 1000;
}

async function list(files: Files, asked: ObjectRequest): Promise<unknown> {
  const query = new URLSearchParams(asked.request.url?.split('?')[1] ?? '');
  const page = await files.list(asked.principal.tenant, {
    limit: readLimit(query, 10_000),
    after: query.get('after') ?? undefined,
    purpose: query.get('purpose') ?? undefined,
  });
  return { object: 'list', data: page.files.map(fileToWire), first_id: page.files[0]?.id ?? null, last_id: page.files.at(-1)?.id ?? null, has_more: page.more };
}

/** `limit` of a list; throws `invalid_request`. */
export function readLimit(query: URLSearchParams, most: number): number {
  const text = query.get('limit');
  if (text === null) return Math.min(20, most);
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new PlatformError('invalid_request', { message: `"limit" must be a whole number from 1 to ${most}`, details: { param: 'limit' } });
  return limit;
}

async function sendContent(files: Files, { response, principal, headers }: ObjectRequest, id: string): Promise<void> {
  const { info, bytes } = await files.read(principal.tenant, id);
  response.writeHead(200, {
    ...headers,
    'content-type': 'application/octet-stream',
    'content-length': String(info.sizeBytes),
    // A browser must never show an uploaded file as a page of this host.
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(info.filename)}`,
    'x-content-type-options': 'nosniff',
  });
  try {
    for await (const chunk of bytes) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await new Promise<void>((resolve) => response.once('drain', resolve).once('close', resolve));
    }
    response.end();
  } catch {
    // The length was promised: a connection that is cut says that the content is not complete.
    response.destroy();
  }
}
