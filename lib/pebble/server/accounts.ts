import { readFile } from "node:fs/promises";
import { errorCode } from "./go-errors.ts";

const known = new Map<string, Promise<ReadonlyMap<number, string>>>();

/** Name of a user or group of this machine; empty when it has none. */
export async function accountName(database: "passwd" | "group", id: number): Promise<string> {
  const names = known.get(database) ?? readNames(database);
  known.set(database, names);
  return (await names).get(id) ?? "";
}

async function readNames(database: string): Promise<ReadonlyMap<number, string>> {
  try {
    const lines = (await readFile(`/etc/${database}`, "utf8")).split("\n");
    return new Map(lines.map((line) => line.split(":")).map(([name, , id]) => [Number(id), name ?? ""]));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return new Map();
    throw error;
  }
}
