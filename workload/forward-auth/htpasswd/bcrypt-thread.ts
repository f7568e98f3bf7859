/** The thread behind `BcryptThread`: compares, answers, knows nothing else. */
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

/** One comparison to make. */
interface Question {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

parentPort?.on("message", ({ id, password, hash }: Question) => {
  parentPort?.postMessage({ id, same: compareSync(password, hash) });
});
