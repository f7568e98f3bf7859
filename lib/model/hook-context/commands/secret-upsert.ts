import type { Call, Prepared } from "../command.ts";
import { OperationError } from "../errors.ts";
import { textFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { badExpiry, formatTime, parseDuration, parseTime } from "../go/time.ts";
import { parseTextMap, YamlError } from "../go/yaml-map.ts";
import { joinPath } from "../paths.ts";
import { SecretDataError, secretData } from "../secret-data.ts";
import type { SecretValues } from "../secret-types.ts";

const policies = ["never", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly"];

/** What `secret-add` and `secret-set` share: the options about a secret, and its content. */
export class SecretOptions {
  readonly #call: Call;
  #label = "";
  #description = "";
  #rotate = "";
  #expire = "";
  #expiry = "";
  #data: ReadonlyMap<string, string> = new Map();
  owner = "application";
  file = "";

  constructor(call: Call) {
    this.#call = call;
  }

  get flags(): Prepared["flags"] {
    const flag = (set: (text: string) => void) => textFlag(set);
    return [
      [
        "label",
        flag((text) => {
          this.#label = text;
        }),
      ],
      [
        "description",
        flag((text) => {
          this.#description = text;
        }),
      ],
      [
        "rotate",
        flag((text) => {
          this.#rotate = text;
        }),
      ],
      [
        "expire",
        flag((text) => {
          this.#expire = text;
        }),
      ],
      [
        "owner",
        flag((text) => {
          this.owner = text;
        }),
      ],
      [
        "file",
        flag((text) => {
          this.file = text;
        }),
      ],
    ];
  }

  /** Checks the options and reads the content. */
  init(args: readonly string[]): void {
    if (this.#expire !== "") this.#expiry = this.#readExpiry(this.#expire);
    if (this.#rotate !== "" && !policies.includes(this.#rotate)) {
      throw new UsageError(`rotate policy ${quote(this.#rotate)} not valid`);
    }
    if (this.owner !== "application" && this.owner !== "unit") {
      throw new UsageError(`secret owner ${quote(this.owner)} not valid`);
    }
    try {
      const given = secretData(args, (path) => this.#read(path));
      this.#data = this.file === "" ? given : new Map([...given, ...this.#fileData()]);
    } catch (error) {
      const known =
        error instanceof SecretDataError || error instanceof YamlError || error instanceof OperationError;
      if (known) throw new UsageError(error.message, { cause: error });
      throw error;
    }
  }

  get data(): ReadonlyMap<string, string> {
    return this.#data;
  }

  /** What was said; an empty option says nothing. */
  values(): SecretValues {
    return {
      ...(this.#label === "" ? {} : { label: this.#label }),
      ...(this.#description === "" ? {} : { description: this.#description }),
      ...(this.#rotate === "" ? {} : { rotate: this.#rotate }),
      ...(this.#expiry === "" ? {} : { expire: this.#expiry }),
      ...(this.#data.size === 0 ? {} : { data: this.#data }),
    };
  }

  #fileData(): ReadonlyMap<string, string> {
    const entries = parseTextMap(this.#read(this.file), "secrets.SecretData");
    const args = [...entries].map(([key, value]) => `${key}=${value}`);
    return secretData(args, (path) => this.#read(path));
  }

  /** Relative paths are those of the agent here, not of the caller. */
  #read(path: string): Uint8Array {
    return this.#call.readAbsolute(joinPath(this.#call.state.agentDir, path), path);
  }

  #readExpiry(text: string): string {
    const time = parseTime(text);
    if (time !== undefined) return formatTime(time);
    const nanoseconds = parseDuration(text);
    if (nanoseconds === undefined) throw new UsageError(badExpiry(text));
    if (nanoseconds <= 0n) throw new UsageError(`negative expire duration ${quote(text)} not valid`);
    return formatTime(new Date(this.#call.state.now().getTime() + Number(nanoseconds / 1_000_000n)));
  }
}
