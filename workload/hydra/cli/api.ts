/** The client side of the command line: asks the admin API, prints what it says. @module */

interface Format {
  readonly endpoint: string;
  readonly format: string;
}

/** The admin API refused, or could not be reached. */
export class ApiError extends Error {
  readonly code = "ERR_API";
  override readonly name = "ApiError";
}

/** Takes an option given several times, or once with commas. */
export const listOption = (value: string, previous: string[] = []): string[] => [
  ...previous,
  ...value.split(",").filter((part) => part !== ""),
];

/** @throws {ApiError} `ERR_API` with what the server said. */
export async function call(
  { endpoint }: Format,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, endpoint), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
  } catch (error) {
    throw new ApiError(`Cannot reach the admin API at ${endpoint}: is the server running?`, { cause: error });
  }
  const text = await response.text();
  if (!response.ok) {
    const description = (JSON.parse(text || "{}") as { error_description?: string }).error_description;
    throw new ApiError(`Cannot ${method} ${path}: ${response.status}: ${description ?? response.statusText}`);
  }
  return text === "" ? undefined : JSON.parse(text);
}

/** Prints a value: compact JSON, indented JSON, or a line a key. */
export function print({ format }: Format, value: unknown): void {
  if (format === "json") console.log(JSON.stringify(value));
  else if (format === "json-pretty" || value === null || typeof value !== "object" || Array.isArray(value)) {
    console.log(typeof value === "string" ? value : JSON.stringify(value, null, 2));
  } else {
    for (const [key, entry] of Object.entries(value)) {
      console.log(
        `${key.toUpperCase().replaceAll("_", " ")}\t${typeof entry === "string" ? entry : JSON.stringify(entry)}`,
      );
    }
  }
}
