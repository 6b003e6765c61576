import { PlatformError } from '@maru/api/errors';

/** Headers of one part, and parts of one body, that are never larger in honest use. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_PARTS = 256;
const MAX_MODEL_BYTES = 512;

const LINE = Buffer.from('\r\n');
const BLANK = Buffer.from('\r\n\r\n');
const DASHES = Buffer.from('--');

/** A stretch of a multipart body: bytes as they came, or the value of its part `model`. */
export type Segment = { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'model'; readonly value: string };

/** The boundary of a content type; undefined when it is not multipart. Throws `invalid_request` for a boundary that breaks its rules. */
export function readBoundary(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? '';
  if (!/^[\w'()+,./:=? -]{1,70}$/.test(boundary) || boundary.endsWith(' ')) throw broken('its content type has no valid boundary');
  return boundary;
}

/**
 * Reads a multipart body that may be cut anywhere, without keeping it: everything is given back as it came, but for the value of the
 * part `model`. Throws `invalid_request`.
 */
export class MultipartScanner {
  readonly #opening: Buffer;
  readonly #delimiter: Buffer;
  #state: 'opening' | 'between' | 'headers' | 'content' | 'model' | 'epilogue' = 'opening';
  #rest: Buffer = Buffer.alloc(0);
  #parts = 0;
  #hasModel = false;

  constructor(boundary: string) {
    this.#opening = Buffer.from(`--${boundary}`);
    this.#delimiter = Buffer.concat([LINE, this.#opening]);
  }

  /** Takes the next bytes; what could still be the beginning of a boundary is kept back. */
  push(chunk: Buffer): Segment[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const segments: Segment[] = [];
    while (this.#step(segments));
    return segments;
  }

  /** The body has ended. Throws when its last boundary is missing. */
  end(): void {
    if (this.#state !== 'epilogue') throw broken('it ends before its last boundary');
  }

  /** One step; false when more bytes are needed. */
  #step(segments: Segment[]): boolean {
    switch (this.#state) {
      case 'opening':
        return this.#readOpening(segments);
      case 'between':
        return this.#readBetween(segments);
      case 'headers':
        return this.#readHeaders(segments);
      case 'content':
        return this.#readContent(segments);
      case 'model':
        return this.#readModel(segments);
      case 'epilogue':
        this.#give(segments, this.#rest.length);
        return false;
    }
  }

  #readOpening(segments: Segment[]): boolean {
    const { length } = this.#opening;
    const seen = Math.min(length, this.#rest.length);
    if (this.#rest.compare(this.#opening, 0, seen, 0, seen) !== 0) throw broken('it does not begin with its boundary');
    if (seen < length) return false;
    this.#give(segments, length);
    this.#state = 'between';
    return true;
  }

  #readBetween(segments: Segment[]): boolean {
    if (this.#rest.length < 2) return false;
    const two = this.#rest.subarray(0, 2);
    if (two.equals(DASHES)) this.#state = 'epilogue';
    else if (two.equals(LINE)) {
      this.#state = 'headers';
      this.#parts += 1;
      if (this.#parts > MAX_PARTS) throw broken(`it has more than ${MAX_PARTS} parts`);
    } else throw broken('a boundary is followed by something else than a new line');
    this.#give(segments, 2);
    return true;
  }

  #readHeaders(segments: Segment[]): boolean {
    const end = this.#rest.subarray(0, 2).equals(LINE) ? 2 : this.#rest.indexOf(BLANK) + 4;
    if (end === 3 || end > MAX_HEADER_BYTES) {
      if (this.#rest.length > MAX_HEADER_BYTES) throw broken(`the headers of a part are larger than ${MAX_HEADER_BYTES} bytes`);
      return false;
    }
    const isModel = namesModel(this.#rest.toString('utf8', 0, end));
    if (isModel && this.#hasModel) throw new PlatformError('invalid_request', { message: '"model" stands twice in the request', details: { param: 'model' } });
    this.#hasModel ||= isModel;
    this.#give(segments, end);
    this.#state = isModel ? 'model' : 'content';
    return true;
  }

  #readContent(segments: Segment[]): boolean {
    const at = this.#rest.indexOf(this.#delimiter);
    if (at < 0) {
      this.#give(segments, Math.max(0, this.#rest.length - this.#delimiter.length + 1));
      return false;
    }
    this.#give(segments, at + this.#delimiter.length);
    this.#state = 'between';
    return true;
  }

  #readModel(segments: Segment[]): boolean {
    const at = this.#rest.indexOf(this.#delimiter);
    if (at > MAX_MODEL_BYTES || (at < 0 && this.#rest.length > MAX_MODEL_BYTES + this.#delimiter.length)) throw broken('the name of its model is too long');
    if (at < 0) return false;
    segments.push({ kind: 'model', value: this.#rest.toString('utf8', 0, at) });
    this.#rest = this.#rest.subarray(at);
    this.#give(segments, this.#delimiter.length);
    this.#state = 'between';
    return true;
  }

  #give(segments: Segment[], length: number): void {
    if (length > 0) segments.push({ kind: 'bytes', bytes: this.#rest.subarray(0, length) });
    this.#rest = this.#rest.subarray(length);
  }
}

function namesModel(headers: string): boolean {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1] ?? '';
  return /(?:^|;)\s*name=(?:"model"|model(?:\s*;|\s*$))/i.test(disposition) && !/(?:^|;)\s*filename\*?=/i.test(disposition);
}

const broken = (what: string): PlatformError => new PlatformError('invalid_request', { message: `the multipart body can not be read: ${what}` });
