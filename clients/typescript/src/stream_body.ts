// The body of an event stream, as text in pieces.
import type {Connection} from "./connection.js";
import {SheaflineError, errorOf} from "./problems.js";

export interface StreamBodyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly openMs: number;     // for the stream to open
  readonly silenceMs: number;  // without a byte it is broken
}

export const kNotOpened = "STREAM_NOT_OPENED";

// Ends when the body breaks off or is silent for too long. `onOpen` gets the answer; a stream without events ends if it is false.
export async function* streamTexts(connection: Connection, path: string, more: Readonly<Record<string, string>>, {signal, openMs, silenceMs}: StreamBodyOptions,
                                   onOpen: (reply: Response) => boolean): AsyncGenerator<string, void> {
  const request = new AbortController();
  const abort = (): void => request.abort(signal?.reason);
  signal?.addEventListener("abort", abort, {once: true});
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    request.abort();
  }, openMs);
  try {
    signal?.throwIfAborted();
    const reply = await connection.ask(path, {headers: {Accept: "text/event-stream", ...more}, signal: request.signal, cache: "no-store"});
    clearTimeout(timer);
    if (!reply.ok) throw await errorOf(reply);
    if (!onOpen(reply)) return;
    if (!reply.body || !(reply.headers.get("Content-Type") ?? "").startsWith("text/event-stream"))
      throw new SheaflineError(0, {code: kNotOpened, detail: "the answer is not an event stream; a proxy may have replaced it"});
    yield* texts(reply.body, silenceMs);
  } catch (error) {
    if (late) throw new SheaflineError(0, {code: kNotOpened, detail: `no stream opened within ${openMs} ms`});
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    request.abort();
  }
}

async function* texts(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    while (true) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const silence = new Promise<{readonly done: true; readonly value?: undefined}>((resolve) => { timer = setTimeout(() => resolve({done: true}), silenceMs); });
      const piece = await Promise.race([reader.read().catch(() => ({done: true as const, value: undefined})), silence]);
      clearTimeout(timer);
      if (piece.done || piece.value === undefined) return;
      yield decoder.decode(piece.value, {stream: true});
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
