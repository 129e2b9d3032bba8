import type { InternetAddress } from '../io/address';
import type { Stream } from '../io/stream/stream';

/** What libuv sets beside the idle time of keep-alive, and so what `net.Socket` promises. */
const PROBES = { interval: 1000, count: 10 };
/** How long the system can wait before the first probe. */
const LONGEST = 32_767_000;

/**
 * What there is to ask of a connection, and to set, but its bytes. An address that was asked for once
 * is known after the connection has gone.
 */
export class Endpoint {
  readonly #stream: Stream;
  #local: Partial<InternetAddress> | undefined;
  #remote: Partial<InternetAddress> | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Empty for what is no TCP connection, and where it has gone. */
  get local(): Partial<InternetAddress> {
    return (this.#local ??= internet(this.#stream.localAddress)) ?? {};
  }

  get remote(): Partial<InternetAddress> {
    return (this.#remote ??= internet(this.#stream.remoteAddress)) ?? {};
  }

  get isTcp(): boolean {
    return this.local.port !== undefined;
  }

  // Whatever is true will do, as it does for `net.Socket`.

  setNoDelay(enable: unknown): void {
    this.#set(() => this.#stream.setOption('noDelay', Boolean(enable)));
  }

  /** `delay`: milliseconds until the first probe, of which whole seconds count; 0 leaves it as it is. */
  setKeepAlive(enable: unknown, delay: number): void {
    const idle = Math.min(Math.floor(delay / 1000) * 1000, LONGEST);
    this.#set(() =>
      this.#stream.setOption(
        'keepAlive',
        enable && idle > 0 ? { idle, ...PROBES } : Boolean(enable),
      ),
    );
  }

  /** The connection ends with a reset. */
  resetOnClose(): void {
    this.#set(() => this.#stream.setOption('linger', 0));
  }

  /** As `net.Socket` does: not for Unix sockets, and a peer that has gone is noticed elsewhere. */
  #set(set: () => void): void {
    if (this.#stream.closed || !this.isTcp) return;
    try {
      set();
    } catch (error) {
      if ((error as { syscall?: unknown }).syscall === undefined) throw error;
    }
  }
}

function internet(address: Stream['localAddress']): InternetAddress | undefined {
  return address?.port === undefined ? undefined : address;
}
