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
 * How many calls of one channel may succeed immediately in one turn of the event loop. Each settles a
 * promise, and promises run before anything else, so without a limit one channel could starve the others.
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
 * A descriptor of our own. The channel remembers whether a call would block, which saves system calls, and in
 * which directions calls are pending, which keep the process alive. The descriptor is registered with the
 * multiplexer, edge-triggered, when a call blocks for the first time, and stays registered.
 */
export class Channel implements Owner {
  #fd: number;
  readonly transport: Transport;
  #user: ChannelUser = nobody;
  /** What the reactor reports. Until it does, only a call shows whether it would block. */
  #watched: Interest = 0;
  #canRead: boolean;
  #canWrite = true;
  /**
   * Whether a short read means that nothing is left to read. No longer so once the end, an error or urgent
   * data has been reported: a read stops before those, and no new edge follows.
   */
  #shortReadDrains: boolean;
  /** Urgent data has been reported. */
  #urgent = false;
  /** The one of ENDINGS that a call has failed with, or 0. */
  #failure = 0;
  #left = TURN;
  #deferred = false;
  #referenced = true;
  #bytesWritten = 0;
  /** The directions in which a call is pending. */
  #held: Interest = 0;
  #keepsAlive = false;
  /** The descriptor was closed by other code: its number is no longer ours to close. */
  #lost = false;

  constructor(fd: number, transport: Transport = tcp) {
    this.#fd = fd;
    this.transport = transport;
    this.#canRead = transport.readsAtOnce;
    this.#shortReadDrains = transport.shortReadDrains;
  }

  /** Sets who receives the events. */
  setUser(user: ChannelUser): void {
    this.#user = user;
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  /** How many bytes the kernel has taken. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get mayRead(): boolean {
    return this.#canRead || (this.#watched & READABLE) === 0;
  }

  /** Like `mayRead`, but asks the kernel if needed: events of this turn may not have been reported yet. */
  get mayTryRead(): boolean {
    if (this.mayRead || this.transport.readsAtOnce) return true;
    return native.poll(Int32Array.of(this.#fd, native.POLLIN, 0), 1, 0) > 0;
  }

  get mayWrite(): boolean {
    return this.#canWrite || (this.#watched & WRITABLE) === 0;
  }

  /** Whether the last call did not block: then no event will follow. */
  get knownWritable(): boolean {
    return this.#canWrite;
  }

  /** Whether the channel may make another call in this turn. If not, `park` and continue on the event. */
  takeTurn(): boolean {
    return --this.#left >= 0;
  }

  receive(into: Uint8Array): number {
    const count = this.transport.receive(this.#fd, into);
    if (count > 0) this.#canRead = count === into.length || !this.#shortReadDrains;
    else if (count === EAGAIN) this.#canRead = false;
    else return this.#ended(count);
    return count;
  }

  /** The bytes from `offset` to `end`. */
  send(bytes: Uint8Array, offset: number, end: number): number {
    return this.#sent(this.transport.send(this.#fd, bytes, offset, end), end - offset);
  }

  /** Sends several pieces with one call; `length` is the total. */
  sendMany(pieces: readonly Uint8Array[], length: number): number {
    return this.#sent(this.transport.sendMany(this.#fd, pieces), length);
  }

  /** Sends a part of a file. A short count may mean the end of the file. */
  sendFile(file: number, offset: number, length: number): number {
    return this.#sent(native.sendFile(this.#fd, file, offset, length), 0);
  }

  // The count of splice(2) does not show whether anything is left: the pipe may have been the limit.

  /** EINVAL, as for an unsupported descriptor, if there is urgent data, which splice(2) cannot pass. */
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
    if (count > 0) {
      this.#canWrite = count >= length;
      this.#bytesWritten += count;
    } else if (count === EAGAIN) this.#canWrite = false;
    else if (count < 0) this.#ended(count);
    return count;
  }

  /** What a result of 0, or an errno, means to the reader: 0 after a failure is not the end. */
  #ended(result: number): number {
    if (result === 0) return this.#failure;
    if (ENDINGS.has(result)) this.#failure = result;
    return result;
  }

  /** Like `park`, but waits for an event before any call is tried. */
  attach(): Error | null {
    const problem = this.park();
    this.#canRead = false;
    this.#canWrite = false;
    return problem;
  }

  /** A call that the user made itself would have blocked. */
  readWouldBlock(): void {
    this.#canRead = false;
  }

  writeWouldBlock(): void {
    this.#canWrite = false;
  }

  /**
   * Starts to report `interest` to the user, beginning with what is ready already. Returns an error if that
   * is impossible.
   */
  park(interest: Interest = EVERYTHING): Error | null {
    if ((this.#watched & interest) !== interest) {
      const problem = reactor.attach(this.#fd, this, this.#watched | interest);
      if (problem !== null) return problem;
      this.#watched |= interest;
    }
    // If only the turn is over, no event will follow.
    if (this.#left < 0 && !this.#deferred) {
      this.#deferred = true;
      setImmediate(() => {
        this.#deferred = false;
        this.#left = TURN;
        // Even if nothing can be received: bytes that are buffered may satisfy the pending read.
        this.#user[onReadable]();
        if (this.#canWrite) this.#user[onWritable]();
      });
    }
    return null;
  }

  /** Stops reporting that it is writable: some sockets report that over and over. */
  stopWatchingWritable(): void {
    if ((this.#watched & WRITABLE) === 0) return;
    this.#watched = (this.#watched & ~WRITABLE) | READABLE;
    reactor.attach(this.#fd, this, this.#watched);
  }

  onReady(ready: number): void {
    this.#left = TURN;
    if ((ready & (PRIORITY | HANGUP | ERROR)) !== 0) {
      this.#shortReadDrains = false;
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
    this.#watched = 0;
    this.#lost = lost;
    this.#user[onAbandon](reason);
  }

  /** Sets whether a call is pending in a direction: it keeps the process alive, unless `unref` was called. */
  hold(direction: Interest, pending: boolean): void {
    this.#held = pending ? this.#held | direction : this.#held & ~direction;
    this.#keepAlive();
  }

  ref(): void {
    this.#referenced = true;
    this.#keepAlive();
  }

  unref(): void {
    this.#referenced = false;
    this.#keepAlive();
  }

  close(): void {
    if (this.#fd === -1) return;
    this.hold(EVERYTHING, false);
    if (this.#lost) native.disown(this.#fd);
    else closeOwn(this.#fd);
    this.#fd = -1;
  }

  /** Gives up the descriptor without closing it. */
  detach(): number {
    const fd = this.#fd;
    reactor.release(fd);
    this.#watched = 0;
    this.#fd = -1;
    native.disown(fd);
    return fd;
  }

  #keepAlive(): void {
    const keeps = this.#referenced && this.#held !== 0;
    if (keeps !== this.#keepsAlive) reactor.keepAlive(keeps ? 1 : -1);
    this.#keepsAlive = keeps;
  }
}

function ignore(): void {
  // Until `setUser`.
}
