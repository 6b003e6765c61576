/** Where kept answers lie. A store may forget at any time; it never gives an answer under another key, nor after its time. */
export interface AnswerStore {
  get(key: string): Promise<Buffer | undefined> | Buffer | undefined;
  set(key: string, bytes: Buffer, options: { readonly tenant: string; readonly expiresMs: number }): Promise<void> | void;
  close(): Promise<void>;
}
