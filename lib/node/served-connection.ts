import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SocketDuplex } from './socket-duplex';

/**
 * A connection of a server, and when it may be closed. `closeIdleConnections` of Node does not know: it
 * closes those of all listeners, also where the client has yet to receive the response.
 */
export class ServedConnection {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #duplex: SocketDuplex;
  #unanswered = 0;
  /** The socket of the requests: the Duplex, or TLS over it. */
  #socket: Socket | undefined;
  /** How much had been received when the last request was answered. */
  #received = 0;
  /** The response to the newest request. */
  #newest: ServerResponse | undefined;
  /** The response that is to say `Connection: close`. */
  #last: ServerResponse | undefined;
  #ending = false;

  constructor(duplex: SocketDuplex) {
    this.#duplex = duplex;
    this.closed = new Promise((resolve) => (duplex.onClosed = resolve));
  }

  /** A request has come, to be answered by `response`. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#socket = request.socket;
    this.#unanswered++;
    this.#newest = response;
    if (this.#ending) this.#announceEnd();
  }

  /** The response to a request has closed. */
  answered(request: IncomingMessage): void {
    // The rest of a body that nobody has waited for is no request.
    if (request.complete || request.destroyed) this.#onAnswered();
    else request.on('end', () => this.#onAnswered());
  }

  /**
   * Closes the connection once all its requests are answered. Bytes received after the last response
   * count as a request that has begun, or as another protocol; bytes received before it are not known to
   * be one. A connection without any request may be about to send its first, and is left to the
   * timeouts of the server.
   */
  end(): void {
    this.#ending = true;
    const isIdle = this.#unanswered === 0 && this.#received === this.#duplex.bytesRead;
    // Over TLS the end takes time: a request that comes meanwhile would never be answered, so it must
    // not be begun.
    if (isIdle) this.#socket?.pause().destroySoon();
    else this.#announceEnd();
  }

  destroy(): void {
    this.#duplex.destroy();
  }

  #onAnswered(): void {
    // An idle connection must not keep its last response and request.
    if (--this.#unanswered === 0) this.#newest = this.#last = undefined;
    this.#received = this.#duplex.bytesRead;
    if (this.#ending) this.end();
  }

  /**
   * Has the newest response say `Connection: close`, if its headers are not sent yet. Node closes the
   * connection after such a response, and drops those behind it, so no other response may say it.
   */
  #announceEnd(): void {
    const newest = this.#newest;
    if (newest === undefined || newest.headersSent || !newest.shouldKeepAlive) return;
    if (this.#last?.headersSent === false) this.#last.shouldKeepAlive = true;
    newest.shouldKeepAlive = false;
    this.#last = newest;
  }
}
