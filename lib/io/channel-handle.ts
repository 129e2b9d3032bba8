import { closedError } from '../errors';
import { type Channel, onAbandon, onReadable, onWritable } from './channel';
import { SocketHandle } from './socket-handle';

/** A symbol, like those of the channel. */
export const onClose = Symbol('onClose');

/** @throws `ERR_CLOSED` */
export function openFd({ fd }: ChannelHandle): number {
  if (fd === -1) throw closedError('socket');
  return fd;
}

/**
 * The base of `Socket` and `Datagram`: a socket over a channel, which closes immediately. Not created
 * directly.
 */
export abstract class ChannelHandle extends SocketHandle {
  readonly #channel: Channel;

  /** @internal */
  constructor(channel: Channel) {
    super();
    this.#channel = channel;
    channel.setUser(this);
  }

  /** -1 once closed. */
  override get fd(): number {
    return this.#channel.fd;
  }

  /** Pending calls keep the process alive (the default). */
  ref(): this {
    this.#channel.ref();
    return this;
  }

  /** Pending calls do not keep the process alive. */
  unref(): this {
    this.#channel.unref();
    return this;
  }

  /**
   * Closes the socket immediately. Pending calls are rejected with `ERR_CLOSED`; the kernel still sends
   * the data of sends that have resolved.
   */
  close(): void {
    this.#end(closedError('socket'));
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  // For the channel; see ChannelUser.

  /** @internal */
  abstract [onReadable](): void;

  /** @internal */
  abstract [onWritable](): void;

  /** @internal */
  [onAbandon](reason: Error): void {
    this.#end(reason);
  }

  /** @internal Rejects pending calls, before the descriptor is closed. */
  abstract [onClose](reason: Error): void;

  #end(reason: Error): void {
    if (this.closed) return;
    this[onClose](reason);
    this.#channel.close();
  }
}
