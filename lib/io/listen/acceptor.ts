import { clearTimeout, setImmediate, setTimeout } from '../../clock';
import { closedError, EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, systemError } from '../../errors';
import { native } from '../../native';
import { closeOwn } from '../../raw/closings';
import { reactor } from '../../reactor/default';
import type { Holder } from '../../reactor/slot';
import { abortable } from '../abortable';
import { acceptNext } from '../accept';
import { LOST_CONNECTIONS } from '../network-errors';

/** How many connections are accepted in one turn of the event loop. */
const TURN = 64;
/** How long to wait before accepting is tried again after a failure that may pass, in milliseconds. */
const PAUSE = 100;
const EXHAUSTED = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);

/**
 * A listening socket: takes connections, and waits until there are more.
 *
 * If several threads or processes share a listening socket, a connection wakes all of them, and all but
 * one find it taken. EPOLLEXCLUSIVE does not help: it counts threads blocked in epoll_wait on our
 * multiplexer, and there are none, since the multiplexer itself is watched by libuv or a thread (measured
 * with 8 Workers: it wakes as many with it as without). A socket for each (`reusePort`) does.
 */
export class Acceptor implements Holder {
  #fd: number;
  readonly #closing = new AbortController();
  #left = TURN;
  #warned = false;
  #referenced = true;
  #lost = false;
  /** How many calls wait in the reactor, and the timers of those that pause. */
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
   * Returns the descriptor of the next connection, or a negated errno to pass to `wait`.
   * @throws `ERR_CLOSED`
   */
  take(): number {
    if (this.#fd === -1 || this.#lost) throw closedError('listener');
    if (--this.#left < 0) return EAGAIN;
    const result = acceptNext(this.#fd);
    if (result >= 0) this.#warned = false;
    return result;
  }

  /**
   * Returns the descriptor of the next connection, or EAGAIN.
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
   * @throws the error, if it is permanent; `ERR_CLOSED`; the signal's reason
   */
  async wait(errno: number, signal?: AbortSignal): Promise<void> {
    if (errno === EAGAIN) await this.#readable(signal);
    // In the second case one connection after the other was lost.
    else if (EXHAUSTED.has(errno) || LOST_CONNECTIONS.has(errno)) await this.#pause(errno, signal);
    else throw systemError(errno, 'accept', { fd: this.#fd });
    // Aborted between the event and this: leave the connection to another call.
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

  /** Rejects pending calls with `ERR_CLOSED`. */
  close(): void {
    if (this.#lost) native.disown(this.#fd);
    else closeOwn(this.#fd);
    this.#fd = -1;
    this.#closing.abort(closedError('listener'));
  }

  /** Other code has closed the descriptor: its number is no longer ours to close. */
  lose(): void {
    this.#lost = true;
  }

  async #readable(signal: AbortSignal | undefined): Promise<void> {
    const waiting = reactor.readableFor(this, this.#fd, signal && { signal });
    // The wait keeps the process alive, which `unref` has to undo.
    this.#waits++;
    if (!this.#referenced) reactor.keepAlive(-1);
    try {
      await waiting;
      // The wait may resolve within the same turn if connections are left.
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
