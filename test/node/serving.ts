import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import type { Listener } from '../../lib/net';
import { serveHttp, type ServeOptions } from '../../lib/node';
import { listening } from '../io/peers';
import { tracked } from '../support/opened';

interface Serving {
  readonly port: number;
  readonly listener: Listener;
  /** The promise of `serveHttp`. */
  readonly served: Promise<void>;
}

/** A Node server on our listener. */
export async function serving(server: Server, o?: ServeOptions): Promise<Serving> {
  const { listener, port } = await listening();
  const abort = new AbortController();
  const signal = o?.signal ?? abort.signal;
  const served = serveHttp(listener, server, { ...o, signal });
  // It may reject before the test awaits it.
  served.catch(() => undefined);
  tracked({ close: () => abort.abort() });
  return { port, listener, served };
}

async function listeningByItself(server: Server): Promise<{ port: number }> {
  tracked({
    close: () => {
      server.close();
      (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
}

/** Ours, and the one it has to behave like. */
export const ways: readonly {
  name: string;
  serve: (server: Server) => Promise<{ port: number }>;
}[] = [
  { name: 'serveHttp', serve: serving },
  { name: 'server.listen', serve: listeningByItself },
];

/** A client that sends exactly the bytes it is given. */
export class Wire {
  readonly socket: Socket;
  #received = '';

  constructor(port: number) {
    this.socket = tracked(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    this.socket.setEncoding('latin1').on('data', (text: string) => (this.#received += text));
    // Tests of a reset check what was received before it.
    this.socket.on('error', () => undefined);
  }

  send(text: string): this {
    this.socket.write(text.replaceAll('\n', '\r\n'));
    return this;
  }

  /** Takes what was received up to the end of the pattern. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#received);
      if (found !== null) {
        const end = found.index + found[0].length;
        const text = this.#received.slice(0, end);
        this.#received = this.#received.slice(end);
        return text;
      }
      if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error(`The connection has ended after: ${this.#received}`);
      }
      await this.#more();
    }
  }

  /** Takes what is received until the end. */
  async rest(): Promise<string> {
    while (!this.socket.readableEnded && !this.socket.destroyed) await this.#more();
    return this.#received;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const events = ['data', 'end', 'close'];
      const onEvent = (): void => {
        for (const event of events) this.socket.removeListener(event, onEvent);
        resolve();
      };
      for (const event of events) this.socket.on(event, onEvent);
    });
  }
}

/** A response whose body ends with `end`. */
export const ANSWER = /HTTP\/1\.1 200 OK[^]*?\r\n\r\n[^]*?end/;

export const GET = 'GET / HTTP/1.1\nHost: x\n\n';
export const EXPECTING = 'GET / HTTP/1.1\nHost: x\nExpect: 100-continue\n\n';

/** Answers a client that waits for 100 Continue; without it, its connection would not be kept. */
export function goOn(_: IncomingMessage, response: ServerResponse): void {
  response.writeContinue();
  response.end('it went on, end');
}

/** A server whose responses are sent by the test. */
export function pending(): {
  server: ReturnType<typeof createServer>;
  responses: ServerResponse[];
} {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => void responses.push(response));
  // Otherwise the server itself would close idle connections.
  server.keepAliveTimeout = 0;
  return { server, responses };
}
