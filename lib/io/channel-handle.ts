import { closedError } from '../errors';
import type { Channel } from './channel';
import { SocketHandle } from './socket-handle';

/**
 * A socket over a channel that is closed at once: what `Socket` and `Datagram` have in common. Not made
 * by itself.
 */
export abstract class ChannelHandle extends SocketHandle {
  readonly #channel: Channel;

  /** @internal */
  constructor(channel: Channel) {
    super();
    this.#channel = channel;
    channel.serve(this);
  }

  /** -1 once closed. */
  override get fd(): number {
    return this.#channel.fd;
  }

  /** What is under way keeps the process alive (the default). */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** What is under way does not keep the process alive. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  /**
   * Closes the socket now. What is under way is rejected with `ERR_CLOSED`; what a send has resolved
   * for is the kernel's, and goes out.
   */
  close(): void {
    this.#end(closedError('socket'));
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal The descriptor. @throws `ERR_CLOSED` */
  protected openFd(): number {
    if (this.closed) throw closedError('socket');
    return this.fd;
  }

  // For the channel; see ChannelUser.

  /** @internal */
  abstract onReadable(): void;

  /** @internal */
  abstract onWritable(): void;

  /** @internal */
  onAbandon(reason: Error): void {
    this.#end(reason);
  }

  /** @internal Rejects what is under way, before the descriptor is closed. */
  protected abstract onClose(reason: Error): void;

  #end(reason: Error): void {
    if (this.closed) return;
    this.onClose(reason);
    this.#channel.close();
  }
}
