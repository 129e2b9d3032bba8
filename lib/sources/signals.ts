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
import { tellClosing } from '../raw/closings';
import { hasLibuv } from '../raw/driver';
import { markOwned, unmarkOwned } from '../raw/owned-fd';
import { type Abortable, listOf } from '../validate';
import { EventSource } from './event-source';
import { Pump } from './pump';
import { signalName, signalNumber } from './signal-names';

/** A signal that the process has received. */
export interface ReceivedSignal {
  /** `SIGHUP`, or `SIGRTMIN+3` for a realtime signal. */
  readonly signal: string;
  /** The number that the signal has on this system. */
  readonly number: number;
  /**
   * The process that sent it; for SIGCHLD, the child. `null` where there is none, as when a key was
   * pressed, or where the system does not say.
   */
  readonly pid: number | null;
  /** The real user of that process, or `null`. */
  readonly uid: number | null;
  /** What came along by sigqueue(3) or a timer: its int. `null` where there was nothing. */
  readonly value: number | null;
  /** 1; more when so many came that there was no room: those of one number then come as one. */
  readonly count: number;
}

/** Those that are open: what a signal does must not depend on when an object is collected. */
const open = new Set<Signals>();

const records = new Int32Array(SIGNAL_CAPACITY * SIGNAL_FIELDS);

/**
 * Signals of the process, one after the other, with who sent them. Beside `process.on('SIGINT')`,
 * in whatever order both come and go, and in Workers: whoever listens hears all of them. What was
 * there before is back when the last one is closed; meanwhile the signal does not end the process.
 * It must be closed: it stays until then, or until its thread ends.
 *
 * Signals wait while nobody asks for them, about a thousand; see `count` for more. That a signal is
 * awaited keeps the process alive, and nothing else does.
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
  readonly #pump: Pump;
  #fd: number;

  /**
   * @param signals names (`SIGHUP`, `SIGRTMIN+3`) or numbers
   * @throws `ERR_INVALID_ARG_VALUE` for none, for SIGKILL and SIGSTOP, which nobody can handle, and
   * for faults (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP), after which the program cannot go on;
   * `ERR_UNKNOWN_SIGNAL`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`; `EINVAL` for signals that the C
   * library keeps for itself; `EMFILE`
   */
  constructor(signals: Iterable<string | number>) {
    super();
    if (typeof signals === 'string') throw invalidType('signals', 'an iterable', signals);
    const numbers = new Set(listOf('signals', signals).map(signalNumber));
    if (numbers.size === 0) throw invalidValue('signals', 'must contain a signal', signals);
    const result = this.#watch.open(Int32Array.from(numbers), hasLibuv);
    // EINVAL is about a signal. Of anything else there was too little for its pipe, or libuv's loop.
    this.#fd = check(result, result === EINVAL ? 'sigaction' : 'pipe');
    markOwned(this.#fd);
    open.add(this);
    this.#pump = new Pump(
      this.#fd,
      () => {
        this.take();
        return this.awaited;
      },
      (reason) => this.fail(reason),
    );
  }

  /** A pipe, which is readable while there are signals that were not taken; -1 once closed. */
  override get fd(): number {
    return this.#fd;
  }

  /**
   * The next signal.
   * @throws `ERR_CLOSED`, also when it is closed while waiting; the signal's reason
   */
  async receive(o?: Abortable): Promise<ReceivedSignal> {
    const signal = await this.next(o);
    if (signal === null) throw closedError(this.what); // it ends by being closed only
    return signal;
  }

  /** @internal */
  protected take(): void {
    const count = this.#watch.take(records);
    if (count === EAGAIN) return;
    if (count < 0) this.fail(systemError(count, 'read', { fd: this.#fd }));
    for (let i = 0; i < count; i++) this.push(signalAt(i * SIGNAL_FIELDS));
  }

  /** @internal */
  protected start(): void {
    this.#pump.start();
  }

  /** @internal */
  protected release(): void {
    const fd = this.#fd;
    this.#fd = -1;
    open.delete(this);
    tellClosing(fd);
    unmarkOwned(fd);
    this.#watch.close();
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
