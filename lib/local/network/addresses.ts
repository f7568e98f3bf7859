import { createHash } from "node:crypto";

/** Keeps the numbers that were given to keys; the store does. */
export interface Numbers {
  number(key: string, next: (taken: ReadonlySet<number>) => number): number;
}

/** Where the controller's own servers listen in its network. */
const FIRST_FREE = 16;
const LAST = 65_000;

/**
 * The loopback addresses of one controller: a network `127.X.0.0/16` of its own, in which every unit and
 * every application has one address for life.
 */
export class Addresses {
  /** `X`, from 1 to 254. */
  readonly network: number;
  readonly #numbers: Numbers;

  /**
   * @param seed Text that differs between controllers: the path of the state.
   */
  constructor(numbers: Numbers, seed: string) {
    this.#numbers = numbers;
    this.network = numbers.number("network", () => networkOf(seed));
  }

  /** The controller itself, and its Kubernetes API. */
  get controller(): string {
    return this.#address(1);
  }

  unit(model: string, unit: string): string {
    return this.#given(`${model}/unit/${unit}`);
  }

  /** The application's service address, in front of its units. */
  service(model: string, application: string): string {
    return this.#given(`${model}/service/${application}`);
  }

  /** The address of a load balancer, as units see it. */
  loadBalancer(model: string, service: string): string {
    return this.#given(`${model}/loadbalancer/${service}`);
  }

  #given(key: string): string {
    return this.#address(this.#numbers.number(key, firstFree));
  }

  #address(host: number): string {
    return `127.${this.network}.${host >> 8}.${host & 255}`;
  }
}

function networkOf(seed: string): number {
  return 1 + (createHash("sha256").update(seed).digest().readUInt32BE(0) % 254);
}

function firstFree(taken: ReadonlySet<number>): number {
  for (let number = FIRST_FREE; number <= LAST; number += 1) {
    const octet = number & 255;
    if (octet !== 0 && octet !== 255 && !taken.has(number)) return number;
  }
  throw new RangeError("Cannot give an address: all 65000 of this controller are in use, destroy a model");
}
