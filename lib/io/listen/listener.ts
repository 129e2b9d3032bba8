import { addAbortCallback, removeAbortCallback } from '../../abort-callbacks';
import { check, closedError, EAGAIN, illegalConstructor } from '../../errors';
import { untilClosed } from '../../iteration';
import { native } from '../../native';
import {
  abortSignal,
  type Abortable,
  callback,
  integer,
  liveSignal,
  options,
} from '../../validate';
import { Acceptor } from './acceptor';
import { type Address, localAddress } from '../address';
import { Channel } from '../channel';
import { publishAccept } from '../diagnostics';
import { Handlers } from './handlers';
import { SocketHandle } from '../socket-handle';
import { Stream } from '../stream/stream';
import { type Transport, transportAt } from '../stream/transport';

/** How `serve` serves. */
export interface ServeOptions extends Abortable {
  /**
   * The most handlers that run at a time; unlimited by default. While that many run, further
   * connections wait in the backlog and, when that is full, in the clients.
   */
  readonly maxConnections?: number | undefined;
  /**
   * Aborting closes the listener, destroys the served streams, and rejects with its reason. If the
   * listener was closed before, end what still runs with `close({ drain })`.
   */
  readonly signal?: AbortSignal | undefined;
}

/** How long `close` waits for the served connections. */
export interface DrainOptions {
  /** When it aborts, the connections still being served are destroyed. */
  readonly drain: AbortSignal;
}

/**
 * Accepts connections, but only when asked to: until then, connections wait in the backlog.
 *
 * When the process has no descriptors left, the listener emits one process warning, and resumes as soon
 * as some are free; connections wait meanwhile. It does the same when the system refuses one connection
 * after the other.
 *
 * @example
 * ```js
 * import { listen } from 'iomux/net';
 * const listener = await listen({ port: 7000 });
 * process.once('SIGTERM', () => listener.close({ drain: AbortSignal.timeout(5000) }));
 * await listener.serve((stream) => stream.write('hello\n'), { maxConnections: 1000 });
 * ```
 */
export class Listener<A extends Address | null = Address | null> extends SocketHandle {
  readonly #acceptor: Acceptor;
  readonly #address: A;
  readonly #transport: Transport;
  readonly #release: () => void;
  readonly #serving: Handlers[] = [];

  /**
   * @hidden For a listening, non-blocking socket; `release` is called before it is closed. Part of the declarations, which
   * would otherwise have a constructor without parameters.
   */
  constructor(acceptor: Acceptor, release: () => void = () => undefined) {
    if (!(acceptor instanceof Acceptor)) throw illegalConstructor('listen()');
    super();
    this.#address = localAddress(acceptor.fd) as A;
    this.#transport = transportAt(this.#address);
    this.#acceptor = acceptor;
    this.#release = release;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#acceptor.fd;
  }

  /** Where it listens; if port 0 was given, with the actual port. */
  get address(): A {
    return this.#address;
  }

  /**
   * Returns the next connection.
   * @throws `ERR_CLOSED`, also when the listener is closed while waiting; the signal's reason
   */
  async accept(o?: Abortable): Promise<Stream> {
    const signal = liveSignal(o);
    for (;;) {
      const result = this.#acceptor.take();
      if (result >= 0) return this.#connected(result);
      await this.#acceptor.wait(result, signal);
    }
  }

  /**
   * Returns the next connection without waiting, or `null` if there is none (`readable(listener)` of
   * iomux resolves when there is). For your own loop over `Poller`, `Epoll` or `select`.
   * @throws `ERR_CLOSED`; `EMFILE`, `ENFILE` when no descriptors are left, and the connection waits;
   * `EPERM` and others of accept(2) when they occur for one connection after the other
   *
   * @example
   * ```js
   * import { listen } from 'iomux/net';
   * import { select } from 'iomux/select';
   * const listener = await listen({ port: 7000 });
   * select([listener], [], []); // blocks the thread
   * for (let stream; (stream = listener.tryAccept()) !== null;) console.log(stream.remoteAddress);
   * ```
   */
  tryAccept(): Stream | null {
    const result = this.#acceptor.tryTake();
    return result === EAGAIN ? null : this.#connected(result);
  }

  /** Iterates over the connections, until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Stream, undefined> {
    return untilClosed(this, (o) => this.accept(o));
  }

  /**
   * Calls the handler with every connection, until the listener is closed. Handlers run concurrently.
   * The stream is closed when the handler returns or its promise settles; for unread input, see
   * `Stream.close`. An error of the handler destroys the stream, and is an uncaught exception unless it
   * is a connection failure: an error with a `syscall` and without a `path`, `ERR_CLOSED`,
   * `ERR_INCOMPLETE`, `ERR_LIMIT`, or the `TimeoutError` or `AbortError` of a signal.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`, the signal's reason
   */
  async serve(handler: (stream: Stream) => unknown, o?: ServeOptions): Promise<void> {
    callback('handler', handler);
    const handlers = new Handlers(handler, mostHandlers(o));
    const signal = liveSignal(o);
    const abort = (): void => {
      this.#close();
      handlers.destroy(signal?.reason);
    };
    addAbortCallback(signal, abort);
    this.#serving.push(handlers);
    try {
      while (!this.closed) {
        const result = handlers.full ? null : this.#acceptor.take();
        if (result === null) await handlers.ended();
        else if (result >= 0) handlers.run(this.#connected(result));
        else await this.#waitToServe(result);
      }
    } finally {
      removeAbortCallback(signal, abort);
    }
    signal?.throwIfAborted();
  }

  /**
   * Returns a duplicate of the descriptor for another thread, which listens on the same socket with
   * `listen({ fd })`. Each connection goes to one of the listeners, and those in the backlog stay there
   * until the last listener is closed. The duplicate is not closed until it is taken over. A child
   * process does not need one: it inherits `listener.fd` through `stdio`. A connection wakes all
   * listeners that share a socket; if these are too many, give each its own, with `reusePort`.
   * @throws `ERR_CLOSED`, `EMFILE`
   *
   * @example
   * ```js
   * new Worker('./server.mjs', { workerData: listener.share() }); // there: listen({ fd: workerData })
   * ```
   */
  share(): number {
    if (this.closed) throw closedError('listener');
    return check(native.duplicate(this.fd), 'fcntl', this.fd);
  }

  /**
   * Stops listening immediately. A pending `accept` is rejected with `ERR_CLOSED`; connections in the
   * backlog are reset, unless another listener shares the socket. Served connections continue.
   */
  close(): void;
  /**
   * Stops listening, and resolves when all handlers of `serve` have ended. When the signal aborts, the
   * streams of the remaining ones are destroyed. May be called again with another signal. Do not await
   * it in a handler, which would wait for itself.
   * @throws `ERR_INVALID_ARG_TYPE`
   */
  close(o: DrainOptions): Promise<void>;
  close(o?: DrainOptions): unknown {
    if (o === undefined) {
      this.#close();
      return undefined;
    }
    return this.#drain(o);
  }

  /** A pending `accept` keeps the process alive (the default). */
  ref(): this {
    this.#acceptor.ref();
    return this;
  }

  /** A pending `accept` does not keep the process alive. */
  unref(): this {
    this.#acceptor.unref();
    return this;
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #drain(o: DrainOptions): Promise<void> {
    const signal = abortSignal('options.drain', options(o).drain);
    this.#close();
    await Promise.all(this.#serving.map((handlers) => handlers.drained(signal)));
  }

  #close(): void {
    if (this.closed) return;
    this.#release();
    this.#acceptor.close();
    for (const handlers of this.#serving) handlers.wake();
  }

  #connected(fd: number): Stream {
    const stream = new Stream(new Channel(fd, this.#transport));
    publishAccept(stream, this);
    return stream;
  }

  async #waitToServe(errno: number): Promise<void> {
    try {
      await this.#acceptor.wait(errno);
    } catch (error) {
      if (!this.closed) throw error;
    }
  }
}

/**
 * The option `maxConnections`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function mostHandlers(o: ServeOptions | undefined): number {
  const { maxConnections = Infinity } = options(o);
  if (maxConnections === Infinity) return Infinity;
  return integer('options.maxConnections', maxConnections, 1, Number.MAX_SAFE_INTEGER);
}
