import { AsyncResource } from 'node:async_hooks';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { nextTick } from '../clock';
import { invalidHandleType, socketClosed } from '../errors';
import { Stream } from '../io/stream/stream';
import { callback as checkCallback } from '../validate';
import type { SocketSettings } from './duplex-options';
import { Endpoint } from './endpoint';
import { IdleTimer, idleTime } from './idle-timer';
import { Incoming } from './incoming';
import { refuseLateWrites } from './late-writes';
import { Link } from './link';
import { type Chunk, type Done, Outgoing } from './outgoing';

/** What exists once there is a connection. */
interface Connected {
  readonly stream: Stream;
  readonly endpoint: Endpoint;
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
}

/**
 * A stream as a Duplex with the methods, properties and events of a `net.Socket`, emitted in the same
 * order. Created by `toDuplex`.
 */
export class SocketDuplex extends Duplex {
  /** @internal Called when it has closed. A listener could be removed by the user. */
  onClosed: (() => void) | undefined;
  /** @internal A TLSSocket over this Duplex, which is destroyed with an error of it in its place. */
  secured: Duplex | undefined;
  readonly #resource = new AsyncResource('IOMUXDUPLEX', { requireManualDestroy: true });
  readonly #idle = new IdleTimer(
    () => this.emitInContext('timeout'),
    () => this.#link.connected?.stream.bytesWritten ?? 0,
  );
  readonly #link: Link<Connected>;
  #connecting = false;
  /** What the Writable wants written once there is a connection. */
  #waiting: readonly Chunk[] = [];
  #referenced = true;
  #timeout: number | undefined;

  /** @internal Without a stream, `follow` supplies it later. */
  constructor(
    stream: Stream | PromiseLike<Stream> | undefined,
    { pauseOnCreate = false, allowHalfOpen = false, ...others }: SocketSettings,
  ) {
    super({ ...others, allowHalfOpen, decodeStrings: false, emitClose: false });
    if (!allowHalfOpen) this.once('end', () => refuseLateWrites(this));
    if (pauseOnCreate) this.pause();
    if (stream instanceof Stream) {
      this.#link = new Link(this.#adopt(stream));
      if (!pauseOnCreate) this.read(0);
    } else {
      this.#link = new Link();
      if (stream !== undefined) this.follow(stream);
    }
  }

  /** How many bytes have been received, whether or not they have been read. */
  get bytesRead(): number {
    return this.#link.connected?.stream.bytesRead ?? 0;
  }

  /** How many bytes have been written, whether or not the kernel has them already. */
  get bytesWritten(): number {
    const { writableBuffer } = this as unknown as { readonly writableBuffer: readonly Chunk[] };
    return [...this.#waiting, ...writableBuffer].reduce(
      (sum, { chunk, encoding }) => sum + Buffer.byteLength(chunk, encoding),
      this.#link.connected?.outgoing.accepted ?? 0,
    );
  }

  /** Whether a connection is being made. */
  get connecting(): boolean {
    return this.#connecting;
  }

  /** Whether there is no connection: not yet, or no longer. */
  get pending(): boolean {
    return this.#link.connected === undefined || this.destroyed;
  }

  /** Which directions are open, as `net.Socket` names them. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** What was last passed to `setTimeout`. */
  get timeout(): number | undefined {
    return this.#timeout;
  }

  /** The local address; `undefined` unless this is a TCP connection, like the properties below. */
  get localAddress(): string | undefined {
    return this.#link.connected?.endpoint.local.address;
  }

  /** The local port. */
  get localPort(): number | undefined {
    return this.#link.connected?.endpoint.local.port;
  }

  /** The family of the local address. */
  get localFamily(): 'IPv4' | 'IPv6' | undefined {
    return this.#link.connected?.endpoint.local.family;
  }

  /** The address of the peer; `undefined` also before there is a connection. */
  get remoteAddress(): string | undefined {
    return this.#link.connected?.endpoint.remote.address;
  }

  /** The port of the peer. */
  get remotePort(): number | undefined {
    return this.#link.connected?.endpoint.remote.port;
  }

  /** The family of the address of the peer. */
  get remoteFamily(): 'IPv4' | 'IPv6' | undefined {
    return this.#link.connected?.endpoint.remote.family;
  }

  /** The local address, port and family; `{}` unless this is a TCP connection. */
  address(): Partial<AddressInfo> {
    return { ...this.#link.connected?.endpoint.local };
  }

  /**
   * Sends small writes at once, as streams of `iomux/net` do by default. Like `setKeepAlive`, it has no
   * effect unless this is a TCP connection.
   */
  setNoDelay(enable = true): this {
    this.#link.before(({ endpoint }) => endpoint.setNoDelay(enable));
    return this;
  }

  /**
   * Probes an idle connection.
   * @param initialDelay how long it is idle before the first probe, in milliseconds; 0 leaves that as it is
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#link.before(({ endpoint }) => endpoint.setKeepAlive(enable, initialDelay));
    return this;
  }

  /**
   * Emits `timeout` when nothing has been received or sent for this long, in milliseconds; 0 turns it
   * off. The connection stays open.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  setTimeout(timeout: number, callback?: () => void): this {
    if (this.destroyed) return this;
    const time = idleTime(timeout);
    if (callback !== undefined) checkCallback('callback', callback);
    this.#timeout = time;
    this.#idle.set(time);
    if (callback === undefined) return this;
    return time === 0 ? this.removeListener('timeout', callback) : this.once('timeout', callback);
  }

  /** Waiting to receive or to send keeps the process alive (the default). */
  ref(): this {
    this.#referenced = true;
    this.#link.connected?.stream.ref();
    return this;
  }

  /** Waiting does not keep the process alive. */
  unref(): this {
    this.#referenced = false;
    this.#link.connected?.stream.unref();
    return this;
  }

  /** Ends it, and destroys it when all that was written has been handed to the kernel. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /**
   * Closes the connection with a reset; while it is connecting, when it has connected and what was
   * written is sent.
   * @throws `ERR_INVALID_HANDLE_TYPE` unless it is a TCP connection; emitted if it was still connecting
   */
  resetAndDestroy(): this {
    if (this.destroyed) return this;
    const { pending } = this;
    if (pending && !this.connecting) return this.destroy(socketClosed());
    this.#link.after(({ endpoint }) => {
      if (endpoint.isTcp) endpoint.resetOnClose();
      else if (!pending) throw invalidHandleType();
      this.destroy(endpoint.isTcp ? undefined : invalidHandleType());
    });
    return this;
  }

  /** @internal */
  override _read(): void {
    this.#link.before(({ incoming }) => incoming.want());
  }

  /** @internal */
  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: Done): void {
    if (this.#link.connected === undefined) this.#writeLater([{ chunk, encoding }], callback);
    else this.#link.connected.outgoing.write(chunk, encoding, callback);
    this.#idle.touch();
  }

  /** @internal */
  override _writev(chunks: readonly Chunk[], callback: Done): void {
    if (this.#link.connected === undefined) this.#writeLater(chunks, callback);
    else this.#link.connected.outgoing.writev(chunks, callback);
    this.#idle.touch();
  }

  /** @internal */
  override _final(callback: Done): void {
    this.#link.after(({ outgoing }) => outgoing.end(callback), callback);
  }

  /** @internal */
  override _destroy(error: Error | null, callback: Done): void {
    this.#connecting = false;
    this.#idle.close();
    this.#link.connected?.incoming.stop();
    const { secured } = this;
    if (error !== null && secured?.destroyed === false) {
      secured.destroy(error);
      callback(null);
    } else callback(error);
    // After `error` is emitted, for which `callback` has scheduled a tick.
    this.#link.connected?.outgoing.stop(error);
    this.#link.connected?.stream.destroy(error ?? undefined);
    this.#link.close();
    nextTick(() => {
      this.onClosed?.();
      this.emitInContext('close', error !== null);
      this.#resource.emitDestroy();
    });
  }

  /** @internal Takes over the stream when it has connected. */
  protected follow(connecting: PromiseLike<Stream>): void {
    this.#connecting = true;
    const later = (call: () => void): void => nextTick(() => this.#resource.runInAsyncScope(call));
    connecting.then(
      (stream) => later(() => this.#onConnect(stream)),
      (error: unknown) => later(() => this.destroy(error as Error)),
    );
  }

  /** @internal Emits an event in the context in which the Duplex was made. */
  protected emitInContext(event: string, ...given: unknown[]): void {
    this.#resource.runInAsyncScope(() => this.emit(event, ...given));
  }

  #writeLater(chunks: readonly Chunk[], callback: Done): void {
    this.#waiting = chunks;
    this.#link.after(({ outgoing }) => {
      this.#waiting = [];
      outgoing.writev(chunks, callback);
      this.#idle.touch();
    }, callback);
  }

  #onConnect(stream: Stream): void {
    if (this.destroyed) {
      stream.destroy();
      return;
    }
    this.#connecting = false;
    let connected: Connected;
    try {
      connected = this.#adopt(stream);
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    this.#link.connect(connected);
    this.#idle.touch();
    this.emit('connect');
    this.emit('ready');
    if (!this.isPaused()) this.read(0);
  }

  #adopt(stream: Stream): Connected {
    if (!this.#referenced) stream.unref();
    const incoming = new Incoming(stream, this, this.#idle, this.#resource);
    return { stream, endpoint: new Endpoint(stream), incoming, outgoing: new Outgoing(stream) };
  }
}
