import type { Listener } from 'iomux/net';
import {
  Agent,
  Connection,
  connector,
  connectTls,
  HttpsAgent,
  serveHttp,
  type ServeOptions,
} from 'iomux/node';
import type * as http from 'node:http';
import type * as http2 from 'node:http2';
import type * as https from 'node:https';
import type * as net from 'node:net';
import type * as tls from 'node:tls';
import { expectTypeOf, test } from 'vitest';

declare const listener: Listener;

test('serveHttp takes every server of Node', () => {
  type Any = http.Server | https.Server | tls.Server | net.Server | http2.Http2SecureServer;
  expectTypeOf<Any>().toExtend<Parameters<typeof serveHttp>[1]>();
  expectTypeOf(serveHttp).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf<ServeOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>();
  expectTypeOf<ServeOptions['maxConnections']>().toEqualTypeOf<number | undefined>();
  expectTypeOf(listener).not.toExtend<Parameters<typeof serveHttp>[1]>();
});

test('an agent is one of Node, with the options of connect besides', () => {
  expectTypeOf<Agent>().toExtend<http.Agent>();
  expectTypeOf<HttpsAgent>().toExtend<https.Agent>();
  expectTypeOf(Agent).toBeConstructibleWith({ keepAlive: true, attemptDelay: 100 });
  expectTypeOf(HttpsAgent).toBeConstructibleWith({ ca: '', socketOptions: { mark: 1 } });
  // @ts-expect-error It is a number.
  new Agent({ attemptDelay: '100' });
});

test('a Connection connects as a net.Socket does', () => {
  const { connect } = new Connection({ allowHalfOpen: true });
  expectTypeOf(connect).toBeCallableWith({ port: 1, host: 'x', timeout: 1 }, () => undefined);
  expectTypeOf(connect).toBeCallableWith({ path: 'x' });
  expectTypeOf(connect).toBeCallableWith(1, 'x', () => undefined);
  expectTypeOf(connect).toBeCallableWith('x', () => undefined);
  // @ts-expect-error There is no port.
  new Connection().connect({ host: 'x' });
});

test('connectTls takes what tls.connect does, and a target', () => {
  expectTypeOf(connectTls).toBeCallableWith({
    port: 443,
    host: 'x',
    ALPNProtocols: ['h2'],
    ca: '',
  });
  expectTypeOf(connectTls).toBeCallableWith({ path: 'x', servername: 'x', allowHalfOpen: true });
  expectTypeOf(connectTls).toBeCallableWith({ port: 443 }, () => undefined);
  expectTypeOf(connectTls).returns.toEqualTypeOf<tls.TLSSocket>();
});

test('a connector is what undici takes for connect', () => {
  // As undici declares it.
  type Callback = (...args: [null, net.Socket | tls.TLSSocket] | [Error, null]) => void;
  interface Options {
    hostname: string;
    host?: string;
    protocol: string;
    port: string;
    servername?: string;
    localAddress?: string | null;
    httpSocket?: net.Socket;
  }
  expectTypeOf(connector).toBeCallableWith({ attemptDelay: 100, ca: '', timeout: 0 });
  expectTypeOf(connector).returns.toExtend<(o: Options, callback: Callback) => void>();
});
