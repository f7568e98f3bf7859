/** What the process says by itself while a charm runs. */
export interface ProcessWatch {
  /** Warnings until now, deprecations for example. */
  readonly warnings: readonly string[];
  /** Rejects with an error that nobody caught, a rejection that nobody handled included. */
  readonly crashed: Promise<never>;
  hasCrashed(): boolean;
  /** Leaves the process as it was. */
  end(): void;
}

/**
 * Collects warnings and failures that no handler sees. Node.js would print both on standard error, which the
 * agent logs as WARNING, line by line.
 */
export function watchProcess(): ProcessWatch {
  const warnings: string[] = [];
  let crashed = false;
  let reject: (error: Error) => void;
  const crash = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  crash.catch(() => undefined); // Whoever waits is told; without anybody it is no second failure.
  const printing = process.listeners("warning");
  const onWarning = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`);
  const onCrash = (error: Error) => {
    crashed = true;
    reject(error);
  };
  process.removeAllListeners("warning").on("warning", onWarning);
  process.on("uncaughtException", onCrash);
  return {
    warnings,
    crashed: crash,
    hasCrashed: () => crashed,
    end() {
      process.off("warning", onWarning).off("uncaughtException", onCrash);
      for (const listener of printing) process.on("warning", listener);
    },
  };
}
