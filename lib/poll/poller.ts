import { inspect, type InspectOptions } from 'node:util';
import { check, closedError, EBADF, EEXIST, EINVAL, ENOENT, EPERM, invalidValue } from '../errors';
import { BATCH_CAPACITY, HEADER_LENGTH } from '../native';
import { now, queueMicrotask } from '../clock';
import { openPollWatch, openWatch } from '../raw/driver';
import { FdWatch } from '../raw/fd-watch';
import { sharedEnd, signalShared } from '../raw/waker';
import { shown } from '../shown';
import {
  type Abortable,
  descriptorOf,
  liveSignal,
  maxEvents,
  options,
  refuseForeign,
  type Source,
  timeoutOf,
} from '../validate';
import { newSelector } from './backend';
import { type Interest, interestOf, type Mode, modeOf } from './interest';
import { Notifier, type NotifyHandle } from './notifier';
import type { Backend, Selector } from './selector';
import { type Entry, type ReadyEvent, Table, takeEvent } from './table';

const BACKENDS = ['auto', 'epoll', 'kqueue', 'poll', 'select'];
/** Options that `add` and `modify` do not have: Python calls the token data. */
const FOREIGN = { data: 'is named token here' };

/**
 * Reports which of a set of descriptors are ready: the portable form of epoll and kqueue, with poll and
 * select as further backends; like Python's `selectors`. Events are hints: the descriptor may have been
 * drained by the time you see one, so keep it non-blocking.
 *
 * Delete a descriptor before you close it.
 *
 * @example
 * ```js
 * import { Poller, READABLE } from 'iomux';
 * const poller = new Poller();
 * poller.add(process.stdin, READABLE, { token: 'input' });
 * for (const { token } of poller.wait({ timeout: 1000 })) console.log(token, 'is ready');
 * poller.close();
 * ```
 */
export class Poller {
  readonly #selector: Selector;
  readonly #watch: FdWatch;
  readonly #table: Table;
  readonly #notifier: Notifier;
  #closed = false;
  #restarting = false;

  /** @throws `ERR_UNSUPPORTED_PLATFORM` for a backend that this system does not have */
  constructor(o?: { backend?: Backend | 'auto' | undefined }) {
    const { backend = 'auto' } = options(o);
    if (!BACKENDS.includes(backend)) {
      throw invalidValue('options.backend', `must be one of: ${BACKENDS.join(', ')}`, backend);
    }
    const selector = newSelector(backend);
    this.#selector = selector;
    this.#table = new Table(selector);
    this.#notifier = new Notifier(selector, this.#table);
    this.#watch = new FdWatch(
      'poller',
      () => (selector.fd === -1 ? openPollWatch() : openWatch(selector.fd)),
      selector.descriptors?.bind(selector),
    );
  }

  /** `'epoll'`, `'kqueue'`, `'poll'` or `'select'` */
  get backend(): Backend {
    return this.#selector.backend;
  }

  /**
   * Readable while there are events; -1 once closed, and with the backends poll and select, which have
   * none. On Linux the first access opens it.
   * @throws `EMFILE`, `ENFILE`, `ENOMEM`
   */
  get fd(): number {
    return this.#closed ? -1 : this.#selector.watchable;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** @internal Without its `fd`, which would be opened. */
  [inspect.custom](_depth: number, o: InspectOptions): string {
    return shown(this, ['backend', 'closed'], o);
  }

  /**
   * Adds a source.
   * @param o `mode`: `'level'` by default; `token`: any value, returned with every event
   * @throws `EEXIST` when the descriptor is already added, `EPERM` for regular files and directories,
   * `EBADF`; `ERR_INVALID_ARG_VALUE` for a mode that the backend does not have (`edge` with poll and
   * select)
   */
  add(source: Source, interest: Interest, o?: { mode?: Mode | undefined; token?: unknown }): void {
    const entry = this.#newEntry(source, interest, o);
    const taken = entry.fd === this.#notifier.fd;
    this.#check(taken ? EEXIST : this.#table.add(entry), entry.fd);
    this.#restart();
  }

  /**
   * Replaces interest, mode and token, and arms a source again that `oneshot` has disarmed.
   * @throws `ENOENT` when the descriptor is not added; `EBADF` when it has been closed, `EPERM` when its
   * number now belongs to a file that cannot be waited for; `ERR_INVALID_ARG_VALUE` like `add`
   */
  modify(
    source: Source,
    interest: Interest,
    o?: { mode?: Mode | undefined; token?: unknown },
  ): void {
    const entry = this.#newEntry(source, interest, o);
    this.#check(this.#table.modify(entry), entry.fd);
    this.#restart();
  }

  /**
   * Removes a source. Not an error for a descriptor or handle that has been closed meanwhile.
   * @throws `ENOENT` when the descriptor is not added
   */
  delete(source: Source): void {
    this.#requireOpen();
    const isClosed = typeof source === 'object' && (source as { fd?: number } | null)?.fd === -1;
    const fd = isClosed ? this.#table.numberOf(source) : descriptorOf(source);
    // The number of a closed handle was added again since: then there is nothing to delete.
    if (fd === undefined) return;
    this.#check(this.#table.delete(fd), fd);
    this.#restart();
  }

  /**
   * Blocks the thread, including its event loop, until something is ready. Returns an empty array when
   * the timeout expires or `notify` was called. A signal does not end the wait.
   * @param o `timeout` in milliseconds (a fraction is rounded up to the resolution of the backend; -1,
   * the default, waits forever, 0 polls); `maxEvents`: the most events to return, at most 1024
   * @throws `ERR_CLOSED`
   */
  wait(o?: { timeout?: number | undefined; maxEvents?: number | undefined }): ReadyEvent[] {
    this.#requireOpen();
    const given = options(o);
    const limit = timeoutOf(given);
    const most = maxEvents(given.maxEvents, BATCH_CAPACITY);
    const deadline = limit === -1 ? Infinity : now() + limit;
    let left = limit;
    for (;;) {
      const events = this.#collect(left, most);
      // The wake-up may have been about a registration that is gone: wait for the remaining time.
      if (this.#notifier.take() || events.length > 0 || left === 0) return events;
      if (deadline !== Infinity) left = Math.max(0, deadline - now());
    }
  }

  /**
   * Like `wait`, without blocking: resolves with at least one event, or with none after `notify`.
   * @throws `ERR_CLOSED`, also when the poller is closed while waiting; the signal's reason
   */
  async ready(o?: Abortable): Promise<ReadyEvent[]> {
    const signal = liveSignal(o);
    for (;;) {
      this.#requireOpen();
      const events = this.#watch.takeTurn() ? this.#collect(0, BATCH_CAPACITY) : [];
      if (this.#notifier.take() || events.length > 0) return events;
      await this.#watch.wait(signal);
      signal?.throwIfAborted();
    }
  }

  /** Makes the pending wait, or else the next one, return at once. Several calls count as one. */
  notify(): void {
    Poller.notify(this.notifyHandle);
  }

  /**
   * What another thread needs to call `notify`. It remains valid, and safe, after the poller is closed.
   * @throws `EMFILE`, `ENFILE` on first access; `ERR_OUT_OF_RANGE` when its descriptor is too high for
   * select(2)
   */
  get notifyHandle(): NotifyHandle {
    this.#requireOpen();
    const isNew = this.#notifier.fd === -1;
    const { handle } = this.#notifier;
    if (isNew) this.#restart();
    return handle;
  }

  /**
   * Calls `poller.notify()` from any thread. Returns whether the poller still exists: with `false` the
   * call had no effect, because the poller was closed or its thread has ended.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` for an invalid handle
   */
  static notify(handle: NotifyHandle): boolean {
    return signalShared(...sharedEnd(handle, 'fd'));
  }

  /** A pending `ready` keeps the process alive (the default). */
  ref(): this {
    this.#watch.ref();
    return this;
  }

  /** A pending `ready` does not keep the process alive. */
  unref(): this {
    this.#watch.unref();
    return this;
  }

  /** Rejects a pending `ready` with `ERR_CLOSED`. The descriptors stay open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#table.clear();
    this.#selector.close();
    this.#notifier.close();
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError('poller');
  }

  #newEntry(
    source: Source,
    interest: Interest,
    o?: { mode?: Mode | undefined; token?: unknown },
  ): Entry {
    this.#requireOpen();
    const { mode, token } = options(o);
    if (o !== undefined) refuseForeign(o, FOREIGN);
    const fd = descriptorOf(source);
    const wanted = interestOf(interest);
    return this.#table.newEntry(source, fd, wanted, modeOf(mode, this.#selector.modes), token);
  }

  #check(result: number, fd: number): void {
    const { controlCall, waitCall, fd: list } = this.#selector;
    // With poll and select these errors are our own, and not those of `controlCall`.
    const isOurs = list === -1 && (result === EEXIST || result === ENOENT || result === EPERM);
    check(result, isOurs ? waitCall : controlCall, fd);
  }

  /**
   * With poll and select, the watch has to be restarted when the descriptors change: once for all changes until
   * the event loop goes on, since each restart lists all descriptors.
   */
  #restart(): void {
    if (this.#selector.descriptors === undefined || this.#restarting) return;
    this.#restarting = true;
    queueMicrotask(() => {
      this.#restarting = false;
      this.#watch.restart();
    });
  }

  #collect(milliseconds: number, most: number): ReadyEvent[] {
    const selector = this.#selector;
    const { batch, readiness, waitCall, renewCall = waitCall } = selector;
    const count = selector.wait(milliseconds, most);
    // Somebody else has closed the multiplexer: its number may be another file's.
    if (count === EBADF || count === EINVAL) selector.lose?.();
    check(count, waitCall);
    const due: Entry[] = [];
    let ghosts = false;
    for (let i = HEADER_LENGTH; i < HEADER_LENGTH + 3 * count; i += 3) {
      const entry = this.#table.find(batch[i], batch[i + 1]);
      // A renewal has armed it again.
      if (entry?.spent === true) continue;
      if (entry !== undefined) {
        if (entry.pending === 0) due.push(entry);
        entry.pending |= readiness(batch[i + 2]);
      } else if (!this.#notifier.note(batch[i], batch[i + 1])) {
        ghosts = true;
      }
    }
    const events = due.map(takeEvent);
    const result = ghosts ? this.#renew() : undefined;
    if (events.length > 0 || result === undefined) return events;
    // Without a free descriptor for a new multiplexer, the next wait reports the ghosts again.
    check(result, renewCall);
    // The ghosts may have filled the batch.
    return this.#collect(0, most);
  }

  /**
   * The kernel has reported a ghost: a registration that is not in the table any more. Replaces the
   * multiplexer: 0, or a negated errno; undefined where the kernel has no ghosts.
   */
  #renew(): number | undefined {
    const selector = this.#selector;
    if (selector.renew === undefined) return undefined;
    const survivors = this.#table.survivors();
    const result = selector.renew();
    if (result < 0) return result;
    this.#watch.restart();
    this.#notifier.register();
    this.#table.addAgain(survivors);
    return 0;
  }
}
