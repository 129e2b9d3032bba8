import { clearTimeout, setTimeout } from '../../clock';
import { type Details, EAGAIN, EINPROGRESS, systemError } from '../../errors';
import { native } from '../../native';
import { WRITABLE } from '../../poll/interest';
import { Channel, type ChannelUser, onAbandon, onReadable, onWritable } from '../channel';
import { Stream } from '../stream/stream';
import { tcp, unixSocket } from '../stream/transport';

/** Where to connect to. */
export interface Target {
  /** The structure of the address. */
  readonly bytes: Uint8Array;
  /** The address in errors. */
  readonly where: Details & { readonly address: string };
  /** Called before the socket connects. Returns what has failed, or null. */
  readonly prepare?: ((fd: number) => Failure | null) | undefined;
  /** Called when it has connected. Returns what is wrong with the connection, or null. */
  readonly verify?: ((fd: number) => Failure | null) | undefined;
}

/** Creates the error. Called where it is thrown, so that the stack leads to the user's `await`. */
export type Failure = () => Error;

/** How long to wait before trying again when a backlog is full, in milliseconds: doubled up to the longest. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 64;

/** One attempt to connect to one address. */
export class Attempt implements ChannelUser {
  readonly #target: Target;
  readonly #onEnd: (outcome: Stream | Failure) => void;
  /** Set by `start`, unless socket(2) failed; then no other method is called. */
  #channel!: Channel;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;

  /** `onEnd` gets the outcome, unless `start` returns it or `giveUp` is called. */
  constructor(target: Target, onEnd: (outcome: Stream | Failure) => void) {
    this.#target = target;
    this.#onEnd = onEnd;
  }

  /** Returns the outcome if it is known immediately, else null. */
  start(): Stream | Failure | null {
    const { bytes, prepare } = this.#target;
    const fd = native.socket(bytes[native.FAMILY_OFFSET], native.SOCK_STREAM, 0);
    if (fd < 0) return () => systemError(fd, 'socket');
    this.#channel = new Channel(fd, this.#isUnix ? unixSocket : tcp);
    this.#channel.setUser(this);
    const failure = prepare?.(fd) ?? null;
    return failure === null ? this.#connect() : this.#fail(failure);
  }

  /** Closes the socket. */
  giveUp(): void {
    clearTimeout(this.#timer);
    this.#channel.close();
  }

  [onWritable](): void {
    this.#channel.hold(WRITABLE, false);
    this.#onEnd(this.#conclude(native.socketError(this.#channel.fd)));
  }

  [onReadable](): void {
    // An error is reported for both directions.
  }

  [onAbandon](reason: Error): void {
    this.#onEnd(this.#fail(() => reason));
  }

  #connect(): Stream | Failure | null {
    const result = native.connect(this.#channel.fd, this.#target.bytes);
    if (result === EINPROGRESS) return this.#wait();
    if (result === EAGAIN && this.#isUnix) return this.#tryLater();
    return this.#conclude(result);
  }

  #wait(): Failure | null {
    const problem = this.#channel.attach();
    if (problem !== null) return this.#fail(() => problem);
    this.#channel.hold(WRITABLE, true);
    return null;
  }

  /**
   * The listener exists, but its backlog is full. TCP repeats the request itself until there is room; for
   * Unix sockets Linux reports no event when there is, so we try again after a pause.
   */
  #tryLater(): null {
    this.#timer = setTimeout(() => {
      const outcome = this.#connect();
      if (outcome !== null) this.#onEnd(outcome);
    }, this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    return null;
  }

  #conclude(result: number): Stream | Failure {
    const { verify, where } = this.#target;
    if (result < 0) return this.#fail(() => systemError(result, 'connect', where));
    const failure = verify?.(this.#channel.fd) ?? null;
    return failure === null ? new Stream(this.#channel) : this.#fail(failure);
  }

  #fail(failure: Failure): Failure {
    this.giveUp();
    return failure;
  }

  get #isUnix(): boolean {
    return this.#target.bytes[native.FAMILY_OFFSET] === native.AF_UNIX;
  }
}
