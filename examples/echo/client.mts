// A client of the echo servers of this folder: its stream, and the queue of its unsent output. Nothing
// here waits: the multiplexer of each server reports when to call it.
import type { Listener, Stream } from 'iomux/net';

/** Stays below the 1,024 descriptors that select(2) can take. */
const MOST_CLIENTS = 900;
/** With so many chunks unsent, nothing more is read from the client. */
const MOST_QUEUED = 16;
const buffer = Buffer.alloc(65536);

/** The next client; `null` if it is gone again, or is one too many. */
export function accept(listener: Listener, others: number): Client | null {
  const stream = listener.tryAccept();
  if (others < MOST_CLIENTS) return stream && new Client(stream);
  stream?.destroy();
  return null;
}

export class Client {
  readonly #stream: Stream;
  readonly #queue: Buffer[] = [];
  #ended = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#stream.fd;
  }

  get wantsToRead(): boolean {
    return !this.#ended && this.#queue.length < MOST_QUEUED;
  }

  get wantsToWrite(): boolean {
    return this.#queue.length > 0;
  }

  /** Reads what is there, and sends what the client takes; closes at the end. */
  serve(readable: boolean): void {
    const stream = this.#stream;
    const queue = this.#queue;
    try {
      const count = readable ? stream.tryRead(buffer) : -1;
      if (count > 0) queue.push(Buffer.from(buffer.subarray(0, count)));
      if (count === 0) this.#ended = true;
      for (let sent; queue.length > 0 && (sent = stream.tryWrite(queue[0])) >= 0;) {
        if (sent < queue[0].length) queue[0] = queue[0].subarray(sent);
        else queue.shift();
      }
      if (this.#ended && queue.length === 0) stream.destroy();
    } catch {
      stream.destroy(); // it was reset by the client
    }
  }
}
