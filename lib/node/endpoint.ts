import type { InternetAddress } from '../io/address';
import type { Stream } from '../io/stream/stream';

/** What libuv, and so `net.Socket`, sets together with the idle time of keep-alive. */
const PROBES = { interval: 1000, count: 10 };
/** The longest idle time that the system takes. */
const LONGEST = 32_767_000;

/**
 * The addresses and options of a connection. An address that was read once stays known after the
 * connection is gone.
 */
export class Endpoint {
  readonly #stream: Stream;
  #local: Partial<InternetAddress> | undefined;
  #remote: Partial<InternetAddress> | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Empty unless this is a TCP connection that still exists. */
  get local(): Partial<InternetAddress> {
    return (this.#local ??= internet(this.#stream.localAddress)) ?? {};
  }

  get remote(): Partial<InternetAddress> {
    return (this.#remote ??= internet(this.#stream.remoteAddress)) ?? {};
  }

  get isTcp(): boolean {
    return this.local.port !== undefined;
  }

  // Any truthy value enables an option, as with `net.Socket`.

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

  /** Like `net.Socket`, ignores Unix sockets and failed calls: a lost connection is noticed elsewhere. */
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
