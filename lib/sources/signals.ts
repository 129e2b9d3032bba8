import {
  check,
  closedError,
  EAGAIN,
  EINVAL,
  invalidType,
  invalidValue,
  systemError,
} from '../errors';
import {
  native,
  SIGNAL_CAPACITY,
  SIGNAL_FIELDS,
  SIGNAL_SENDER_KNOWN,
  SIGNAL_VALUE_KNOWN,
} from '../native';
import { hasLibuv } from '../raw/driver';
import { OwnedFd } from '../raw/owned-fd';
import { type Abortable, listOf } from '../validate';
import { EventSource } from './event-source';
import { pump } from './pump';
import { signalName, signalNumber } from './signal-names';

/** A signal that the process has received. */
export interface ReceivedSignal {
  /** For example `SIGHUP`, or `SIGRTMIN+3` for a realtime signal. */
  readonly signal: string;
  /** The number of the signal on this system. */
  readonly number: number;
  /**
   * The process that sent it; for SIGCHLD, the child. `null` if there is none, for example when a key
   * was pressed, or if the system does not report it.
   */
  readonly pid: number | null;
  /** The real user of that process, or `null`. */
  readonly uid: number | null;
  /** The int passed by sigqueue(3) or a timer; otherwise `null`. */
  readonly value: number | null;
  /** 1, or more when the queue was full: further signals of one number are then merged into one. */
  readonly count: number;
}

/** The open ones: what a signal does must not depend on when an object is garbage collected. */
const open = new Set<Signals>();

const records = new Int32Array(SIGNAL_CAPACITY * SIGNAL_FIELDS);

/**
 * Reports signals of the process one after the other, with their sender. It works together with
 * `process.on('SIGINT')`, opened and closed in any order, and in Workers: every listener gets every
 * signal. While one is open, the signal does not end the process; when the last one closes, the previous
 * disposition is restored. It must be closed: otherwise it stays open until its thread ends.
 *
 * Signals are queued until they are received, about a thousand; for more, see `count`. Only a pending
 * `receive` keeps the process alive.
 *
 * @example
 * ```js
 * import { Signals } from 'iomux';
 * const signals = new Signals(['SIGHUP', 'SIGUSR1']);
 * for await (const { signal, pid } of signals) {
 *   console.log(`${signal} from ${pid}`);
 *   if (signal === 'SIGHUP') reload();
 * }
 * ```
 */
export class Signals extends EventSource<ReceivedSignal> {
  /** @internal */
  protected readonly what = 'source of signals';
  readonly #watch = new native.SignalWatch();
  readonly #pump: () => void;
  readonly #owned: OwnedFd;

  /**
   * @param signals names (`SIGHUP`, `SIGRTMIN+3`) or numbers
   * @throws `ERR_INVALID_ARG_VALUE` for an empty list, for SIGKILL and SIGSTOP, which cannot be handled,
   * and for faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP), after which the program cannot continue;
   * `ERR_UNKNOWN_SIGNAL`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`; `EINVAL` for signals that the C
   * library reserves for itself; `EMFILE`
   */
  constructor(signals: Iterable<string | number>) {
    super();
    if (typeof signals === 'string') throw invalidType('signals', 'an iterable', signals);
    const numbers = new Set(listOf('signals', signals).map(signalNumber));
    if (numbers.size === 0) throw invalidValue('signals', 'must contain a signal', signals);
    const result = this.#watch.open(Int32Array.from(numbers), hasLibuv);
    // EINVAL is about a signal; anything else is a lack of resources for the pipe or libuv's loop.
    this.#owned = new OwnedFd(check(result, result === EINVAL ? 'sigaction' : 'pipe'), this.what);
    open.add(this);
    this.#pump = pump(
      { lose: () => this.#lose() },
      this.fd,
      () => {
        this.take();
        return this.queue.awaited;
      },
      (reason) => this.queue.fail(reason),
    );
  }

  /** A pipe, which is readable while signals are queued; -1 once closed. */
  override get fd(): number {
    return this.#owned.fd;
  }

  /**
   * Receives the next signal.
   * @throws `ERR_CLOSED`, also when it is closed while waiting; the signal's reason
   */
  async receive(o?: Abortable): Promise<ReceivedSignal> {
    const signal = await this.next(o);
    if (signal === null) throw closedError(this.what); // only closing ends it
    return signal;
  }

  /** @internal */
  protected take(): void {
    const count = this.#watch.take(records);
    if (count === EAGAIN) return;
    if (count < 0) this.queue.fail(systemError(count, 'read', { fd: this.fd }));
    for (let i = 0; i < count; i++) this.queue.push(signalAt(i * SIGNAL_FIELDS));
  }

  /** @internal */
  protected start(): void {
    this.#pump();
  }

  /** @internal */
  protected release(): void {
    this.#watch.close();
    this.#owned.close();
    open.delete(this);
  }

  /** Somebody else has closed the descriptor. */
  #lose(): void {
    this.#watch.close();
    this.#owned.lose();
    open.delete(this);
  }
}

function signalAt(start: number): ReceivedSignal {
  const [number, count, known, pid, uid, value] = records.subarray(start, start + SIGNAL_FIELDS);
  const hasSender = (known & SIGNAL_SENDER_KNOWN) !== 0;
  return {
    signal: signalName(number),
    number,
    pid: hasSender ? pid : null,
    uid: hasSender ? uid >>> 0 : null,
    value: (known & SIGNAL_VALUE_KNOWN) !== 0 ? value : null,
    count,
  };
}
