import { expect, test } from "vitest";
import { MsgpackWriter } from "./msgpack-writer.ts";
import { readRecord } from "./record.ts";

test.each(["\0ca", "\0\0\0e", "\0e", "e\0", "_iss\0", "caca", "\u0101"])(
  "a field %j is none of the known ones",
  (name) => {
    const record = new MsgpackWriter().map(2).string("u").string("sub-1").string(name).string("x").finish();
    const plain = new MsgpackWriter().map(1).string("u").string("sub-1").finish();
    const { id: _, ...session } = readRecord(record, 1000) ?? { id: "" };
    const { id: __, ...other } = readRecord(plain, 1000) ?? { id: "" };
    expect(session).toEqual(other);
    expect(session).toMatchObject({ subject: "sub-1", email: "" });
  },
);
