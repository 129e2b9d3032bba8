import type { ServerResponse } from 'node:http';
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
  readonly #onAnswered: () => void;
  #unanswered = 0;
  /** What answers are written to: the Duplex, or TLS over it. */
  #socket: Socket | undefined;
  /** How much had been received when the last request was answered. */
  #received = 0;
  #ending = false;

  constructor(duplex: SocketDuplex) {
    this.#duplex = duplex;
    this.closed = new Promise((resolve) => duplex.once('close', () => resolve()));
    this.#onAnswered = () => {
      this.#unanswered--;
      this.#received = duplex.bytesRead;
      if (this.#ending) this.end();
    };
  }

  /** A request has come, which this will answer. */
  begin(response: ServerResponse, socket: Socket): void {
    this.#socket = socket;
    this.#unanswered++;
    response.on('close', this.#onAnswered);
  }

  /**
   * Closes it, when what has been asked is answered. Bytes behind the last answer are a request that
   * has begun, or another protocol; and who has asked nothing yet may be about to, and is left to the
   * timeouts of the server.
   */
  end(): void {
    this.#ending = true;
    const isIdle = this.#unanswered === 0 && this.#received === this.#duplex.bytesRead;
    if (isIdle) this.#socket?.destroySoon();
  }
}
