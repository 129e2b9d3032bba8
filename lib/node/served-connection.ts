import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SocketDuplex } from './socket-duplex';

/**
 * A connection of a server, and when it may be closed. `closeIdleConnections` of Node does not know:
 * it closes those of all listeners, also where the client has yet to receive what was answered.
 */
export class ServedConnection {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #duplex: SocketDuplex;
  #unanswered = 0;
  /** What answers are written to: the Duplex, or TLS over it. */
  #socket: Socket | undefined;
  /** How much had been received when the last request was answered. */
  #received = 0;
  #ending = false;

  constructor(duplex: SocketDuplex) {
    this.#duplex = duplex;
    this.closed = new Promise((resolve) => (duplex.onClosed = resolve));
  }

  /** A request has come, which this will answer. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#socket = request.socket;
    this.#unanswered++;
    response.on('close', () => {
      // The rest of a body that nobody has waited for is no request.
      if (request.complete || request.destroyed) this.#onAnswered();
      else request.on('end', () => this.#onAnswered());
    });
  }

  /**
   * Closes it, when what has been asked is answered. Bytes that come behind the last answer are taken for
   * a request that has begun, or for another protocol; those that have come before it are not known. And
   * who has asked nothing yet may be about to, and is left to the timeouts of the server.
   */
  end(): void {
    this.#ending = true;
    const isIdle = this.#unanswered === 0 && this.#received === this.#duplex.bytesRead;
    // To end takes its time over TLS: what comes meanwhile must not be begun, which nothing would answer.
    if (isIdle) this.#socket?.pause().destroySoon();
  }

  destroy(): void {
    this.#duplex.destroy();
  }

  #onAnswered(): void {
    this.#unanswered--;
    this.#received = this.#duplex.bytesRead;
    if (this.#ending) this.end();
  }
}
