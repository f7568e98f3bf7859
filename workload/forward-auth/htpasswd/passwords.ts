/** Verifies passwords against the lines of an htpasswd file; bcrypt runs in a thread of its own. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Worker } from "node:worker_threads";

/** One stored password. */
export type StoredPassword =
  | { readonly kind: "bcrypt"; readonly hash: string }
  | { readonly kind: "sha1"; readonly digest: Buffer };

/** Highest bcrypt cost taken: a higher one would keep the thread for seconds. */
export const MOST_COST = 14;

/** Reads the second field of a line; undefined when it is no password that we verify. */
export function readStored(text: string): StoredPassword | undefined {
  const cost = Number(/^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1]);
  if (cost >= 4 && cost <= MOST_COST) return { kind: "bcrypt", hash: text };
  const digest = Buffer.from(/^\{SHA\}([A-Za-z0-9+/]{27}=)$/.exec(text)?.[1] ?? "", "base64");
  return digest.length === 20 ? { kind: "sha1", digest } : undefined;
}

/** Answers of the thread. */
interface Verdict {
  readonly id: number;
  readonly same: boolean;
}

/** A thread that compares passwords with bcrypt hashes, started when first needed. */
export class BcryptThread {
  #worker: Worker | undefined;
  #next = 0;
  readonly #waiting = new Map<number, (same: boolean) => void>();

  /** True when the password has the hash. False, too, when the thread has died. */
  compare(password: string, hash: string): Promise<boolean> {
    const worker = this.#worker ?? this.#start();
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      worker.postMessage({ id, password, hash });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./bcrypt-thread.ts", import.meta.url));
    worker.unref();
    worker.on("message", ({ id, same }: Verdict) => {
      this.#waiting.get(id)?.(same);
      this.#waiting.delete(id);
    });
    const end = () => {
      this.#worker = undefined;
      for (const resolve of this.#waiting.values()) resolve(false);
      this.#waiting.clear();
    };
    worker.once("error", end).once("exit", end);
    this.#worker = worker;
    return worker;
  }
}

/** True when the password is the stored one. */
export function verify(
  password: string,
  stored: StoredPassword,
  thread: BcryptThread,
): boolean | Promise<boolean> {
  if (stored.kind === "bcrypt") return thread.compare(password, stored.hash);
  return timingSafeEqual(createHash("sha1").update(password).digest(), stored.digest);
}
