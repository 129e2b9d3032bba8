import { addAbortListener } from 'node:events';
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
import { tellAccept } from '../diagnostics';
import { Handlers } from './handlers';
import { SocketHandle } from '../socket-handle';
import { Stream } from '../stream/stream';
import { type Transport, transportAt } from '../stream/transport';

/** How `serve` serves. */
export interface ServeOptions extends Abortable {
  /**
   * How many handlers run at a time; as many as there are connections by default. While that many
   * do, the others wait in the backlog, and when that is full, in their clients.
   */
  readonly maxConnections?: number;
  /**
   * Aborting closes the listener, destroys the streams that are served, and rejects with its reason.
   * What goes on when the listener was closed before ends by `close({ drain })`.
   */
  readonly signal?: AbortSignal | undefined;
}

/** How long `close` waits for the connections that are served. */
export interface DrainOptions {
  /** When it aborts, the connections that are still served are destroyed. */
  readonly drain: AbortSignal;
}

/**
 * Accepts connections. Nobody accepts while nobody asks: connections wait in the backlog.
 *
 * When the process has no descriptors left, it says so once (a process warning), and goes on as
 * soon as there are some: connections wait meanwhile.
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
   * @hidden Of a listening, non-blocking socket; `release` is called before it is closed. Stays
   * in the declarations: without it they have one that takes nothing.
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

  /** Where it listens, with the port that port 0 became. */
  get address(): A {
    return this.#address;
  }

  /**
   * The next connection.
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
   * The next connection, without waiting; `null` when there is none (then `readable(listener)` of
   * iomux tells when there is). For a loop of one's own over `Poller`, `Epoll` or `select`.
   * @throws `ERR_CLOSED`; `EMFILE`, `ENFILE` when there are no descriptors left: the connection waits;
   * `EPERM` and others of accept(2) where they are said of one connection after the other
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

  /** The connections, until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Stream, undefined> {
    return untilClosed(this, (o) => this.accept(o));
  }

  /**
   * Calls the handler with every connection, without waiting for it, until the listener is closed.
   * The stream is closed when the handler returns, or its promise is settled; see `Stream.close` on
   * input that is left unread. What the handler throws destroys the stream, and is an uncaught exception
   * unless it is the failure of a connection: an error with a `syscall` and without a `path`, `ERR_CLOSED`,
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
    if (signal !== undefined) addAbortListener(signal, abort);
    this.#serving.push(handlers);
    try {
      while (!this.closed) {
        const result = handlers.full ? null : this.#acceptor.take();
        if (result === null) await handlers.ended();
        else if (result >= 0) handlers.run(this.#connected(result));
        else await this.#untilWorthIt(result);
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    signal?.throwIfAborted();
  }

  /**
   * A duplicate of the descriptor for another thread, which listens on the same socket with
   * `listen({ fd })`: each connection goes to one of them, and those that wait in the backlog are
   * there until the last of them has closed. Nobody closes the duplicate but who takes it over. A
   * child process needs none: it inherits `listener.fd` by its `stdio`. A connection wakes all who
   * share a socket; where that is too many, let each have its own, with `reusePort`.
   * @throws `ERR_CLOSED`, `EMFILE`
   *
   * @example
   * ```js
   * new Worker('./server.js', { workerData: listener.share() });
   * ```
   */
  share(): number {
    if (this.closed) throw closedError('listener');
    return check(native.duplicate(this.fd), 'fcntl', this.fd);
  }

  /**
   * Stops listening, now. Who waits is rejected with `ERR_CLOSED`; connections in the backlog are
   * reset, unless somebody else listens on the same socket. Those that are served go on.
   */
  close(): void;
  /**
   * The same, and resolves when all handlers of `serve` have ended, at the latest when the signal
   * aborts: then their streams are destroyed. May be called again, with another signal. A handler that
   * awaits it waits for itself.
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

  /** An `accept` that waits keeps the process alive (the default). */
  ref(): this {
    this.#acceptor.ref();
    return this;
  }

  /** An `accept` that waits does not keep the process alive. */
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
    tellAccept(stream, this);
    return stream;
  }

  async #untilWorthIt(errno: number): Promise<void> {
    try {
      await this.#acceptor.wait(errno);
    } catch (error) {
      if (!this.closed) throw error;
    }
  }
}

/**
 * How many handlers of one `serve` may run at a time.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function mostHandlers(o: ServeOptions | undefined): number {
  const { maxConnections = Infinity } = options(o);
  if (maxConnections === Infinity) return Infinity;
  return integer('options.maxConnections', maxConnections, 1, Number.MAX_SAFE_INTEGER);
}
