import {
  closedError,
  EAGAIN,
  ECONNABORTED,
  EMFILE,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  systemError,
} from '../errors';
import { native } from '../native';
import { reactor } from '../reactor/default';
import { type Abortable, callback, liveSignal } from '../validate';
import { type Address, localAddress } from './address';
import { Stream } from './stream';
import { setNoDelay } from './tcp';

/** How many connections are accepted one after the other before the event loop gets a turn. */
const TURN = 64;
/** How long to wait for descriptors to become free, in milliseconds. */
const PAUSE = 100;
const EXHAUSTED = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);

/**
 * Accepts connections. Nobody accepts while nobody asks: connections wait in the backlog.
 *
 * When the process has no descriptors left, it says so once (a process warning), and goes on as
 * soon as there are some: connections wait meanwhile.
 *
 * @example
 * ```js
 * const { listen } = require('iomux/net');
 * const listener = await listen({ port: 7000 });
 * await listener.serve((stream) => stream.write('hello\n'));
 * ```
 */
export class Listener {
  #fd: number;
  readonly #noDelay: boolean;
  readonly #address: Address | null;
  readonly #closing = new AbortController();
  #left = TURN;
  #warned = false;

  /** @internal Takes over a listening, non-blocking socket. */
  constructor(fd: number, o: { noDelay: boolean }) {
    this.#fd = fd;
    this.#noDelay = o.noDelay;
    this.#address = localAddress(fd);
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd === -1;
  }

  /** Where it listens, with the port that port 0 became. */
  get address(): Address | null {
    return this.#address;
  }

  /**
   * The next connection.
   * @throws `ERR_CLOSED`, also when the listener is closed while waiting; the signal's reason
   */
  async accept(o?: Abortable): Promise<Stream> {
    const signal = liveSignal(o);
    for (;;) {
      if (this.#fd === -1) throw closedError('listener');
      const result = --this.#left >= 0 ? native.accept(this.#fd) : EAGAIN;
      if (result >= 0) return this.#connected(result);
      if (result === EAGAIN) await this.#wait(signal);
      else if (EXHAUSTED.has(result)) await this.#pause(result, signal);
      // The connection was gone before it was accepted: there may be another.
      else if (result !== ECONNABORTED) throw systemError(result, 'accept', { fd: this.#fd });
    }
  }

  /** The connections, until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Stream, void, undefined> {
    while (this.#fd !== -1) {
      let stream: Stream;
      try {
        stream = await this.accept();
      } catch (error) {
        if (this.closed) return;
        throw error;
      }
      yield stream;
    }
  }

  /**
   * Calls the handler with every connection, without waiting for it, until the listener is closed.
   * The stream is closed when the handler returns, or its promise is settled. What the handler
   * throws destroys the stream, and is an uncaught exception unless it is the connection's own
   * failure (an error with a `syscall`, or `ERR_CLOSED`).
   */
  async serve(handler: (stream: Stream) => unknown): Promise<void> {
    callback('handler', handler);
    for await (const stream of this) void handle(handler, stream);
  }

  /** Who waits is rejected with `ERR_CLOSED`; connections in the backlog are reset. */
  close(): void {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    reactor.notifyClosing(fd);
    this.#fd = -1;
    this.#closing.abort(closedError('listener'));
    native.close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    await reactor.readable(this.#fd, signal === undefined ? undefined : { signal });
    this.#left = TURN;
  }

  async #pause(errno: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#warned) process.emitWarning(systemError(errno, 'accept', { fd: this.#fd }));
    this.#warned = true;
    const ended =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    ended.throwIfAborted();
    await pause(PAUSE, ended);
  }

  #connected(fd: number): Stream {
    this.#warned = false;
    // A connection that is reset already fails here; the first read tells.
    if (this.#noDelay) setNoDelay(fd);
    return new Stream(fd);
  }
}

async function handle(handler: (stream: Stream) => unknown, stream: Stream): Promise<void> {
  try {
    await handler(stream);
    await stream.close();
  } catch (error) {
    stream.destroy();
    const { code, syscall } = error as { code?: unknown; syscall?: unknown };
    if (syscall === undefined && code !== 'ERR_CLOSED')
      queueMicrotask(() => {
        throw error;
      });
  }
}

function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      ended.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(ended.reason as Error);
    };
    ended.addEventListener('abort', onAbort, { once: true });
  });
}
