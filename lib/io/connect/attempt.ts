import { clearTimeout, setTimeout } from '../../clock';
import { EAGAIN, EINPROGRESS, systemError } from '../../errors';
import { native } from '../../native';
import { Channel, type ChannelUser, onAbandon, onReadable, onWritable } from '../channel';
import { Stream } from '../stream/stream';
import { tcp, unixSocket } from '../stream/transport';

/** Where to connect to. */
export interface Target {
  readonly bytes: Uint8Array;
  /** What an error says of it. */
  readonly where: { readonly address: string; readonly port?: number };
  /** Before the new socket connects: what has failed, or null. */
  readonly prepare?: (fd: number) => Failure | null;
  /** When it has connected: what is wrong with the connection, or null. */
  readonly verify?: (fd: number) => Failure | null;
}

/** Makes the error where it is thrown, so that its stack leads to the user's `await`. */
export type Failure = () => Error;

/** In milliseconds: how soon to try again where a backlog is full, and how often at least. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 64;

/** One socket on its way to one address. */
export class Attempt implements ChannelUser {
  readonly #target: Target;
  readonly #onEnd: (outcome: Stream | Failure) => void;
  /** From `start` on, unless there was no socket: then nobody calls again. */
  #channel!: Channel;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #held = false;

  /** `onEnd` is told what has become of it, unless `start` has answered that or it is given up. */
  constructor(target: Target, onEnd: (outcome: Stream | Failure) => void) {
    this.#target = target;
    this.#onEnd = onEnd;
  }

  /** What has become of it at once, or null. */
  start(): Stream | Failure | null {
    const { bytes, prepare } = this.#target;
    const fd = native.socket(bytes[native.FAMILY_OFFSET], native.SOCK_STREAM, 0);
    if (fd < 0) return () => systemError(fd, 'socket');
    this.#channel = new Channel(fd, this.#isUnix ? unixSocket : tcp);
    this.#channel.serve(this);
    const failure = prepare?.(fd) ?? null;
    return failure === null ? this.#connect() : this.#fail(failure);
  }

  /** Nobody wants the connection any more. */
  giveUp(): void {
    clearTimeout(this.#timer);
    this.#release();
    this.#channel.close();
  }

  [onWritable](): void {
    this.#release();
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
    this.#channel.hold();
    this.#held = true;
    return null;
  }

  /**
   * The listener is there, and its backlog is full. TCP knocks again by itself until there is room;
   * with Unix sockets of Linux there is nothing to wait on, so that we have to.
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

  #release(): void {
    if (this.#held) this.#channel.release();
    this.#held = false;
  }

  get #isUnix(): boolean {
    return this.#target.bytes[native.FAMILY_OFFSET] === native.AF_UNIX;
  }
}
