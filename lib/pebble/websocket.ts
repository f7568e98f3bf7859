/** Turns pushed messages into an iteration; what comes before the reader is kept. */
export interface MessageQueue {
  readonly messages: AsyncIterable<string | Uint8Array>;
  push(message: string | Uint8Array): void;
  end(): void;
}

export function messageQueue(): MessageQueue {
  const waiting: (string | Uint8Array)[] = [];
  let ended = false;
  let wake: () => void = () => undefined;
  async function* messages(): AsyncGenerator<string | Uint8Array> {
    while (true) {
      while (waiting.length > 0) yield waiting.shift()!;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    messages: messages(),
    push(message) {
      waiting.push(message);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
  };
}
