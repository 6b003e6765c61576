/** What is written on one side is read on the other, in order; bounded by the length of one answer. */
export interface ByteQueue {
  push(text: string): void;
  end(): void;
  fail(error: Error): void;
  /** May be read once; `onLeave` is called when the reader stops before the end. */
  read(onLeave: () => void): AsyncIterable<Uint8Array>;
}

export function createByteQueue(): ByteQueue {
  let buffered = '';
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  async function* read(onLeave: () => void): AsyncGenerator<Uint8Array> {
    let complete = false;
    try {
      for (;;) {
        if (failure !== undefined) throw failure;
        if (buffered !== '') {
          const bytes = Buffer.from(buffered);
          buffered = '';
          yield bytes;
        } else if (ended) {
          complete = true;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      if (!complete) onLeave();
    }
  }
  return {
    push: (text) => {
      buffered += text;
      notify();
    },
    end: () => {
      ended = true;
      notify();
    },
    fail: (error) => {
      failure ??= error;
      notify();
    },
    read,
  };
}
