import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { TcpOptions } from '../io/connect/connect-options';
import { refuseForeign } from '../validate';
import { Connection } from './connection';
import { connectOptions, type NetOptions } from './net-options';
import { joinSecure, overHalfOpen } from './secure-socket';

/** Options for `connect` of `iomux/net`, which Node's agents pass through. */
export type DialOptions = Pick<TcpOptions, 'attemptDelay' | 'socketOptions'>;

/**
 * An agent of `node:http` that connects with `connect` of `iomux/net`: Happy Eyeballs, Unix sockets with
 * `socketPath`, and the features of agents: keep-alive, limits, timeouts. Proxies are not supported.
 *
 * @example
 * ```js
 * import http from 'node:http';
 * import { Agent } from 'iomux/node';
 * const agent = new Agent({ keepAlive: true, attemptDelay: 100 });
 * http.get('http://localhost:8000/', { agent }, (response) => response.pipe(process.stdout));
 * ```
 */
export class Agent extends http.Agent {
  constructor(o?: http.AgentOptions & DialOptions) {
    super(o);
    checkDial(o);
  }

  /** @internal Called by Node. */
  override createConnection(o: http.ClientRequestArgs): Duplex {
    return new Connection().connect(o as NetOptions);
  }
}

/**
 * Like `Agent`, for `node:https`, including TLS session resumption.
 *
 * @example
 * ```js
 * import https from 'node:https';
 * import { HttpsAgent } from 'iomux/node';
 * https.get('https://example.org/', { agent: new HttpsAgent({ keepAlive: true }) }, (response) => {
 *   response.pipe(process.stdout);
 * });
 * ```
 */
export class HttpsAgent extends https.Agent {
  constructor(o?: https.AgentOptions & DialOptions) {
    super(o);
    checkDial(o);
  }

  /** @internal Called by Node. */
  override createConnection(o: https.RequestOptions): Duplex {
    const where = { ...o, timeout: undefined } as NetOptions;
    const connection = new Connection({ allowHalfOpen: true }).connect(where);
    try {
      const over = { ...o, signal: undefined, socket: connection } as https.RequestOptions;
      const socket = overHalfOpen(false, connection, () =>
        super.createConnection(over),
      ) as TLSSocket;
      if (o.timeout) socket.setTimeout(o.timeout);
      return joinSecure(socket, connection);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }
}

/** With it, Node 24 and later would send the request for the proxy to the target itself. */
const FOREIGN = { proxyEnv: 'is no option here: proxies are not supported' };

/** Throws when the agent is made what would otherwise be thrown by the first request. */
function checkDial(o: object | undefined): void {
  connectOptions({ ...o, port: 1 });
  refuseForeign({ ...o }, FOREIGN);
}
