import { connect, type Socket } from 'node:net';

export interface RawReply {
  readonly status: number;
  readonly hasRetryAfter: boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * A kept HTTP/1.1 connection that sends prepared bytes and looks only for the end of the answer, so that a loader costs little of the
 * machine that it shares with what it measures. Good for the answers of the gateways here, not for any server.
 */
export class RawConnection {
  readonly #socket: Socket;
  #onReply: ((reply: RawReply | undefined) => void) | undefined;
  #head: Buffer | undefined;
  #reply: RawReply | undefined;
  /** Bytes of the body that are still to come; -1 where the answer is chunked. */
  #left = 0;
  #tail: Buffer = Buffer.alloc(0);
  #closes = false;
  isOpen = true;

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isOpen = false;
      this.#finish(undefined);
    });
  }

  /** Resolves with the complete answer, or with undefined where the connection broke before its end. */
  send(request: Buffer): Promise<RawReply | undefined> {
    return new Promise((resolve) => {
      this.#onReply = resolve;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    let rest = bytes;
    if (this.#reply === undefined) {
      const all = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
      const end = all.indexOf(HEAD_END);
      if (end < 0) {
        this.#head = all;
        return;
      }
      this.#head = undefined;
      const head = all.toString('latin1', 0, end).toLowerCase();
      this.#reply = { status: Number(head.slice(9, 12)), hasRetryAfter: head.includes('\r\nretry-after:') };
      this.#closes = head.includes('\r\nconnection: close');
      this.#left = head.includes('\r\ntransfer-encoding: chunked') ? -1 : Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
      rest = all.subarray(end + HEAD_END.length);
    }
    if (this.#left < 0) {
      this.#tail = Buffer.concat([this.#tail, rest]).subarray(-LAST_CHUNK.length);
      if (!this.#tail.equals(LAST_CHUNK)) return;
    } else {
      this.#left -= rest.length;
      if (this.#left > 0) return;
    }
    this.#finish(this.#reply);
  }

  #finish(reply: RawReply | undefined): void {
    const onReply = this.#onReply;
    this.#onReply = undefined;
    this.#reply = undefined;
    this.#tail = Buffer.alloc(0);
    if (this.#closes) this.isOpen = false;
    onReply?.(reply);
  }
}

/** The bytes of one POST request. */
export function rawRequest(url: URL, request: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }): Buffer {
  const body = Buffer.from(request.body);
  const headers = { host: url.host, 'content-type': 'application/json', 'content-length': String(body.length), ...request.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}
