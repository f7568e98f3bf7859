import assert from "node:assert/strict";
import { formatTicket, openRecord, parseTicket, sealRecord, type Ticket } from "../session/ticket.ts";
import { mutated } from "./mutate.ts";
import { fuzz } from "./run.ts";

const NAME = "_oauth2_proxy";
const ticket: Ticket = { id: `${NAME}-${"0".repeat(32)}`, secret: Buffer.alloc(16, 3) };
const texts = [formatTicket(ticket), `${ticket.id}.${ticket.secret.toString("base64url")}`].map((each) =>
  Buffer.from(each),
);
const value = sealRecord(ticket, Buffer.from("record"));

fuzz(
  (random) => mutated(random, texts[Math.floor(random() * 3)] ?? value),
  (input) => {
    const read = parseTicket(input, NAME);
    if (read !== undefined) {
      assert(read.id.startsWith(`${NAME}-`) && /^[\x21-\x7e]+$/.test(read.id), "a name that is none of ours");
      assert([16, 24, 32].includes(read.secret.length), "a secret that is no key");
      assert.deepEqual(parseTicket(formatTicket(read), NAME), read);
    }
    const bytes = Buffer.from(input, "latin1");
    if (!bytes.equals(value)) assert.equal(openRecord(ticket, bytes), undefined);
  },
);
