import { setImmediate } from '../clock';
import { EAGAIN, EINVAL } from '../errors';
import { native } from '../native';
import { ERROR, HANGUP } from '../poll/events';
import { type Interest, PRIORITY, READABLE, WRITABLE } from '../poll/interest';
import { closeOwn } from '../raw/closings';
import { reactor } from '../reactor/default';
import type { Owner } from '../reactor/slot';
import { ENDINGS } from './network-errors';
import { tcp, type Transport } from './stream/transport';

/**
 * How many calls of one channel may succeed at once, in one turn of the event loop, before the others
 * get theirs: each settles a promise, and promises run before anything else.
 */
const TURN = 32;

const EVERYTHING = READABLE | WRITABLE | PRIORITY;

// Symbols, since handles of the public API implement them: a name could be that of a user's method or property.
export const onReadable = Symbol('onReadable');
export const onWritable = Symbol('onWritable');
export const onAbandon = Symbol('onAbandon');

/** Receives the events of a channel. The methods must not throw, and must not run the user's code. */
export interface ChannelUser {
  [onReadable](): void;
  [onWritable](): void;
  /** The reactor no longer watches the descriptor. */
  [onAbandon](reason: Error): void;
}

const nobody: ChannelUser = { [onReadable]: ignore, [onWritable]: ignore, [onAbandon]: ignore };

/**
 * A descriptor of our own and what is known of it: whether a call would block, so that none is made
 * in vain, and whether somebody waits, which keeps the process alive. It enters the multiplexer when
 * a call would block for the first time, edge-triggered, and stays there.
 */
export class Channel implements Owner {
  #fd: number;
  readonly transport: Transport;
  #user: ChannelUser = nobody;
  /** What the reactor tells of; until it does, only a call can say whether it would block. */
  #told: Interest = 0;
  #canRead: boolean;
  #canWrite = true;
  /**
   * Whether a short read means that no more is there. Not once the end, an error or urgent data has
   * been reported: a read stops short of those, and no new edge follows.
   */
  #shortIsAll: boolean;
  /** Urgent data has been reported. */
  #urgent = false;
  /** The one of ENDINGS that a call was told, or 0. */
  #failure = 0;
  #left = TURN;
  #deferred = false;
  #referenced = true;
  #held = 0;
  /** The descriptor was closed behind our back: its number is somebody else's. */
  #lost = false;

  constructor(fd: number, transport: Transport = tcp) {
    this.#fd = fd;
    this.transport = transport;
    this.#canRead = transport.readsAtOnce;
    this.#shortIsAll = transport.shortIsAll;
  }

  /** Whom to tell from now on. */
  serve(user: ChannelUser): void {
    this.#user = user;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  get mayRead(): boolean {
    return this.#canRead || (this.#told & READABLE) === 0;
  }

  /** Asks the kernel where a read of what has not been reported yet would not do. */
  get mayTryRead(): boolean {
    if (this.mayRead || this.transport.readsAtOnce) return true;
    return native.poll(Int32Array.of(this.#fd, native.POLLIN, 0), 1, 0) > 0;
  }

  get mayWrite(): boolean {
    return this.#canWrite || (this.#told & WRITABLE) === 0;
  }

  /** Whether the last call has not blocked: then there is nothing to be told of. */
  get knownWritable(): boolean {
    return this.#canWrite;
  }

  /** Whether it is still the channel's turn: otherwise `park`, and go on when told. */
  takeTurn(): boolean {
    return --this.#left >= 0;
  }

  receive(into: Uint8Array): number {
    const count = this.transport.receive(this.#fd, into);
    if (count > 0) this.#canRead = count === into.length || !this.#shortIsAll;
    else if (count === EAGAIN) this.#canRead = false;
    else return this.#ended(count);
    return count;
  }

  /** The bytes from `offset` to `end`. */
  send(bytes: Uint8Array, offset: number, end: number): number {
    return this.#sent(this.transport.send(this.#fd, bytes, offset, end), end - offset);
  }

  /** Several at once; `length` is that of all. */
  sendMany(pieces: readonly Uint8Array[], length: number): number {
    return this.#sent(this.transport.sendMany(this.#fd, pieces), length);
  }

  /** A part of a file. A short count may mean its end. */
  sendFile(file: number, offset: number, length: number): number {
    return this.#sent(native.sendFile(this.#fd, file, offset, length), 0);
  }

  // A count of splice(2) says nothing about what is left: the pipe has its own limits.

  /** EINVAL, as of what splice(2) cannot do, where there is urgent data: it does not get past it. */
  spliceInto(pipe: number, length: number): number {
    if (this.#urgent) return EINVAL;
    const count = native.splice(this.#fd, pipe, length);
    if (count === EAGAIN) this.#canRead = false;
    else if (count < 0) this.#ended(count);
    return count;
  }

  spliceFrom(pipe: number, length: number): number {
    return this.#sent(native.splice(pipe, this.#fd, length), 0);
  }

  #sent(count: number, length: number): number {
    if (count > 0) this.#canWrite = count >= length;
    else if (count === EAGAIN) this.#canWrite = false;
    else if (count < 0) this.#ended(count);
    return count;
  }

  /** What a result of 0, or an errno, means to who reads: 0 behind a failure is no end. */
  #ended(result: number): number {
    if (result === 0) return this.#failure;
    if (ENDINGS.has(result)) this.#failure = result;
    return result;
  }

  /** Before anything was tried: the user is told of what is ready; or why not. */
  attach(): Error | null {
    const problem = this.park();
    this.#canRead = false;
    this.#canWrite = false;
    return problem;
  }

  /** A call that somebody else made on the descriptor would have blocked. */
  readWouldBlock(): void {
    this.#canRead = false;
  }

  writeWouldBlock(): void {
    this.#canWrite = false;
  }

  /**
   * From now on the user is told of `interest`, beginning with what is ready already; or why not.
   */
  park(interest: Interest = EVERYTHING): Error | null {
    if ((this.#told & interest) !== interest) {
      const problem = reactor.attach(this.#fd, this, this.#told | interest);
      if (problem !== null) return problem;
      this.#told |= interest;
    }
    // Nothing new will be reported for what is known to be ready.
    if (this.#left < 0 && !this.#deferred) {
      this.#deferred = true;
      setImmediate(() => {
        this.#deferred = false;
        this.#left = TURN;
        // Also where no more can be received: what was received already may be what is waited for.
        this.#user[onReadable]();
        if (this.#canWrite) this.#user[onWritable]();
      });
    }
    return null;
  }

  /** The user need not be told that it is writable any more: some sockets say so all the time. */
  leaveWritable(): void {
    if ((this.#told & WRITABLE) === 0) return;
    this.#told = (this.#told & ~WRITABLE) | READABLE;
    reactor.attach(this.#fd, this, this.#told);
  }

  onReady(ready: number): void {
    this.#left = TURN;
    if ((ready & (PRIORITY | HANGUP | ERROR)) !== 0) {
      this.#shortIsAll = false;
      if ((ready & PRIORITY) !== 0) this.#urgent = true;
    }
    if ((ready & READABLE) !== 0) {
      this.#canRead = true;
      this.#user[onReadable]();
    }
    if ((ready & WRITABLE) !== 0) {
      this.#canWrite = true;
      this.#user[onWritable]();
    }
  }

  onAbandon(reason: Error, lost: boolean): void {
    this.#told = 0;
    this.#lost = lost;
    this.#user[onAbandon](reason);
  }

  /** Somebody waits: the process stays alive, unless `unref` was called. */
  hold(): void {
    this.#held++;
    if (this.#referenced) reactor.keepAlive(1);
  }

  release(): void {
    this.#held--;
    if (this.#referenced) reactor.keepAlive(-1);
  }

  ref(): void {
    if (!this.#referenced) reactor.keepAlive(this.#held);
    this.#referenced = true;
  }

  unref(): void {
    if (this.#referenced) reactor.keepAlive(-this.#held);
    this.#referenced = false;
  }

  close(): void {
    if (this.#fd === -1) return;
    if (this.#lost) native.disown(this.#fd);
    else closeOwn(this.#fd);
    this.#fd = -1;
  }

  /** Gives the descriptor up, and leaves it open. */
  detach(): number {
    const fd = this.#fd;
    reactor.release(fd);
    this.#told = 0;
    this.#fd = -1;
    native.disown(fd);
    return fd;
  }
}

function ignore(): void {
  // Stands where nobody is served yet.
}
