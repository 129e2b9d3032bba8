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
  /** What `serveHttp` has returned. */
  readonly served: Promise<void>;
}

/** A server of Node's on a listener of ours. */
export async function serving(server: Server, o?: ServeOptions): Promise<Serving> {
  const { listener, port } = await listening();
  const abort = new AbortController();
  const signal = o?.signal ?? abort.signal;
  const served = serveHttp(listener, server, { ...o, signal });
  // It may be over already.
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

/** Ours, and that whose behaviour it has to have. */
export const ways: readonly {
  name: string;
  serve: (server: Server) => Promise<{ port: number }>;
}[] = [
  { name: 'serveHttp', serve: serving },
  { name: 'server.listen', serve: listeningByItself },
];

/** A client that sends what it is told, byte by byte. */
export class Wire {
  readonly socket: Socket;
  #received = '';

  constructor(port: number) {
    this.socket = tracked(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    this.socket.setEncoding('latin1').on('data', (text: string) => (this.#received += text));
    // Tests that are about a reset look at what they have received by then.
    this.socket.on('error', () => undefined);
  }

  send(text: string): this {
    this.socket.write(text.replaceAll('\n', '\r\n'));
    return this;
  }

  /** What has come up to this pattern, and is taken. */
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

  /** What comes until the end. */
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

/** An answer with a body that is known by how it ends. */
export const ANSWER = /HTTP\/1\.1 200 OK[^]*?\r\n\r\n[^]*?end/;

export const GET = 'GET / HTTP/1.1\nHost: x\n\n';
export const EXPECTING = 'GET / HTTP/1.1\nHost: x\nExpect: 100-continue\n\n';

/** Answers where a client asks whether to go on: otherwise its connection is not kept. */
export function goOn(_: IncomingMessage, response: ServerResponse): void {
  response.writeContinue();
  response.end('it went on, end');
}

/** A server whose answers are sent when the test says so. */
export function pending(): {
  server: ReturnType<typeof createServer>;
  responses: ServerResponse[];
} {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => void responses.push(response));
  // Who closes a connection that is kept alive is whom the test is about.
  server.keepAliveTimeout = 0;
  return { server, responses };
}
