import { clearTimeout, setImmediate, setTimeout } from '../../clock';
import { closedError, EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, systemError } from '../../errors';
import { native } from '../../native';
import { closeOwn } from '../../raw/closings';
import { reactor } from '../../reactor/default';
import type { Holder } from '../../reactor/slot';
import { abortable } from '../abortable';
import { acceptNext } from '../accept';
import { LOST_CONNECTIONS } from '../network-errors';

/** How many connections are accepted one after the other before the event loop gets a turn. */
const TURN = 64;
/** How long to wait for descriptors to become free, in milliseconds. */
const PAUSE = 100;
const EXHAUSTED = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);

/**
 * A listening socket: what comes next, and when it is worth asking again.
 *
 * Where several threads or processes share one, a connection wakes all of them, and all but one find
 * it taken. EPOLLEXCLUSIVE would not help: the kernel counts who waits in our multiplexer itself, and
 * there is nobody; it is watched in turn, by libuv or by a thread (measured with 8 Workers: as many
 * wake with it as without). Sockets of their own (`reusePort`) are what helps.
 */
export class Acceptor implements Holder {
  #fd: number;
  readonly #closing = new AbortController();
  #left = TURN;
  #warned = false;
  #referenced = true;
  #lost = false;
  /** Who waits in the reactor, and who pauses. */
  #waits = 0;
  readonly #pauses = new Set<NodeJS.Timeout>();

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  /**
   * The descriptor of the next connection, or a negated errno: then `wait`.
   * @throws `ERR_CLOSED`
   */
  take(): number {
    if (this.#fd === -1 || this.#lost) throw closedError('listener');
    if (--this.#left < 0) return EAGAIN;
    const result = native.accept(this.#fd);
    if (result >= 0) this.#warned = false;
    return result;
  }

  /**
   * The descriptor of the next connection, or EAGAIN.
   * @throws `ERR_CLOSED`, the error of accept(2)
   */
  tryTake(): number {
    if (this.#fd === -1 || this.#lost) throw closedError('listener');
    const result = acceptNext(this.#fd);
    if (result >= 0) this.#warned = false;
    else if (result !== EAGAIN) throw systemError(result, 'accept', { fd: this.#fd });
    return result;
  }

  /**
   * Resolves when it is time to try again after this error.
   * @throws the error, if it will not go away; `ERR_CLOSED`; the signal's reason
   */
  async wait(errno: number, signal?: AbortSignal): Promise<void> {
    if (errno === EAGAIN) await this.#readable(signal);
    else if (EXHAUSTED.has(errno)) await this.#pause(errno, signal);
    // There may be another one.
    else if (!LOST_CONNECTIONS.has(errno)) throw systemError(errno, 'accept', { fd: this.#fd });
    // Aborted after the event, and before this: the connection is for somebody else.
    signal?.throwIfAborted();
  }

  ref(): void {
    if (!this.#referenced) reactor.keepAlive(this.#waits);
    for (const timer of this.#pauses) timer.ref();
    this.#referenced = true;
  }

  unref(): void {
    if (this.#referenced) reactor.keepAlive(-this.#waits);
    for (const timer of this.#pauses) timer.unref();
    this.#referenced = false;
  }

  /** Who waits is rejected with `ERR_CLOSED`. */
  close(): void {
    if (this.#lost) native.disown(this.#fd);
    else closeOwn(this.#fd);
    this.#fd = -1;
    this.#closing.abort(closedError('listener'));
  }

  /** Somebody else has closed the descriptor: what has its number now is not ours to close. */
  lose(): void {
    this.#lost = true;
  }

  async #readable(signal: AbortSignal | undefined): Promise<void> {
    const waiting = reactor.readableFor(this, this.#fd, signal && { signal });
    // It keeps the process alive by itself.
    this.#waits++;
    if (!this.#referenced) reactor.keepAlive(-1);
    try {
      await waiting;
      // What is ready already may be reported again within the same turn.
      if (this.#left < 0) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      this.#waits--;
      if (!this.#referenced) reactor.keepAlive(1);
    }
    this.#left = TURN;
  }

  #pause(errno: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#warned) process.emitWarning(systemError(errno, 'accept', { fd: this.#fd }));
    this.#warned = true;
    const closing = this.#closing.signal;
    const ended = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    return abortable(ended, (resolve) => {
      const timer = setTimeout(() => {
        stop();
        resolve();
      }, PAUSE);
      const stop = (): void => {
        clearTimeout(timer);
        this.#pauses.delete(timer);
      };
      if (!this.#referenced) timer.unref();
      this.#pauses.add(timer);
      return stop;
    });
  }
}
