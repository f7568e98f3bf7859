import type {
  PebbleRequest,
  PebbleResponse,
  PebbleStream,
  PebbleTransport,
  PebbleWebSocket,
} from "../../pebble/transport.ts";
import { MAX_BODY_BYTES, recordedBytes } from "./body.ts";
import type { Notes } from "./recorder.ts";
import type { ExchangeOf } from "./recording.ts";

/** A Pebble whose exchanges are written down. */
export function recordPebble(container: string, transport: PebbleTransport, notes: Notes): PebbleTransport {
  const hear = (request: PebbleRequest, answer?: PebbleResponse) =>
    notes.quietly(() => notes.hear({ ...questionOf(container, request), ...(answer && answerOf(answer)) }));
  const { stream, websocket } = transport;
  return {
    async request(request) {
      try {
        const answer = await transport.request(request);
        hear(request, answer);
        return answer;
      } catch (error) {
        hear(request);
        throw error;
      }
    },
    close: () => transport.close(),
    ...(stream && {
      stream: async (request: PebbleRequest) => {
        const answer = await stream.call(transport, request);
        return { ...answer, body: overheard(answer, (body) => hear(request, { ...answer, body })) };
      },
    }),
    ...(websocket && {
      websocket: async (path: string) =>
        recordSocket({ container, path, notes }, await websocket.call(transport, path)),
    }),
  };
}

function questionOf(container: string, { method, path, headers = {}, body }: PebbleRequest) {
  return {
    kind: "pebble" as const,
    container,
    method,
    path,
    headers: { ...headers },
    ...(body === undefined ? {} : { body: recordedBytes(body) }),
  };
}

function answerOf({ status, headers, body }: PebbleResponse) {
  return { answer: { status, headers: { ...headers }, body: recordedBytes(body) } };
}

/** Passes pieces on, and tells all of them at the end, however that comes. */
async function* overheard(
  { body }: PebbleStream,
  tell: (body: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const kept: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      if (size <= MAX_BODY_BYTES) kept.push(piece);
      size += piece.byteLength;
      yield piece;
    }
  } finally {
    tell(Buffer.concat(kept));
  }
}

interface Overhearing {
  readonly container: string;
  readonly path: string;
  readonly notes: Notes;
}

type Messages = ExchangeOf<"websocket">;

function recordSocket({ container, path, notes }: Overhearing, socket: PebbleWebSocket): PebbleWebSocket {
  const sent: Messages["sent"] = [];
  const received: Messages["received"] = [];
  const keep = (message: string | Uint8Array) => recordedBytes(Buffer.from(message));
  // Heard of at once: a command whose output nobody reads to its end has been run all the same.
  notes.quietly(() => notes.hear({ kind: "websocket", container, path, sent, received }));
  async function* messages(): AsyncGenerator<string | Uint8Array> {
    for await (const message of socket.messages) {
      notes.quietly(() => received.push({ text: typeof message === "string", data: keep(message) }));
      yield message;
    }
  }
  return {
    messages: messages(),
    send: (message) => {
      notes.quietly(() => sent.push(keep(message)));
      socket.send(message);
    },
    close: () => socket.close(),
  };
}
