import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AbstractConnector, Redis } from 'ioredis';
import { Connection, connectTls } from '../../../dist/node.mjs';
import { certificates } from '../support/certificates.mjs';
import {
  findProgram,
  freePort,
  handOver,
  startDaemon,
  temporaryFolder,
} from '../support/daemon.mjs';
import { assertWithoutLibuv } from '../support/serving.mjs';

const { ca, path: certificate } = certificates();
const program = findProgram('redis-server');

/** Where ioredis lets others connect. */
class Connector extends AbstractConnector {
  #options;

  constructor(options) {
    super(options.disconnectTimeout);
    this.#options = options;
  }

  connect() {
    this.connecting = true;
    const { tls, ...o } = this.#options;
    this.stream = tls ? connectTls({ ...o, ...tls }) : new Connection().connect(o);
    this.stream.once('error', (error) => (this.firstError = error));
    return Promise.resolve(this.stream);
  }
}

describe('ioredis, with Redis', { skip: program === undefined && 'there is no Redis' }, () => {
  const folder = temporaryFolder();
  const path = join(folder, 'socket');
  let port, securePort, stop;
  before(async () => {
    port = await freePort();
    securePort = await freePort();
    const files = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
    copyFileSync(certificate('localhost.pem'), files.cert);
    copyFileSync(certificate('localhost.key'), files.key);
    handOver(...Object.values(files));
    const settings = {
      bind: '127.0.0.1',
      port,
      unixsocket: path,
      dir: folder,
      save: '',
      'tls-port': securePort,
      'tls-cert-file': files.cert,
      'tls-key-file': files.key,
      'tls-ca-cert-file': files.cert,
      'tls-auth-clients': 'no',
    };
    const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
    stop = await startDaemon(program, args, /Ready to accept connections/);
  });
  after(() => stop());

  const ways = {
    TCP: () => ({ host: '127.0.0.1', port }),
    'a Unix socket': () => ({ path }),
    TLS: () => ({ host: 'localhost', family: 4, port: securePort, tls: { ca } }),
  };
  for (const [way, target] of Object.entries(ways)) {
    describe(way, () => {
      let redis;
      before(() => {
        redis = new Redis({ ...target(), Connector });
      });
      after(() => redis.quit());

      test('gets what was set', async () => {
        await redis.set('key', 'value');
        assert.equal(await redis.get('key'), 'value');
        assertWithoutLibuv();
      });

      test('thousands of commands under way at a time, in a pipeline and without', async () => {
        const pipeline = redis.pipeline();
        for (let i = 0; i < 5000; i++) pipeline.incr(`counter:${way}`);
        const results = await pipeline.exec();
        assert.equal(results.at(-1)[1], 5000);
        const values = await Promise.all(
          Array.from({ length: 5000 }, () => redis.decr(`counter:${way}`)),
        );
        assert.equal(values.at(-1), 0);
      });

      test('megabytes, both ways', async () => {
        const bytes = Buffer.alloc(8_000_000, 'redis');
        await redis.set('bytes', bytes);
        assert.ok(bytes.equals(await redis.getBuffer('bytes')));
      });

      test('messages to those who subscribe', async () => {
        const subscriber = new Redis({ ...target(), Connector });
        await subscriber.subscribe('channel');
        const message = new Promise((resolve) =>
          subscriber.once('message', (_, text) => resolve(text)),
        );
        await redis.publish('channel', 'hello');
        assert.equal(await message, 'hello');
        await subscriber.quit();
      });

      test('a connection that is killed comes back', async () => {
        const other = new Redis({ ...target(), Connector });
        const id = await other.client('ID');
        const back = new Promise((resolve) =>
          other.once('close', () => other.once('ready', resolve)),
        );
        await redis.client('KILL', 'ID', id);
        await back;
        assert.notEqual(await other.client('ID'), id);
        await other.quit();
      });
    });
  }

  test('nobody listens', async () => {
    const redis = new Redis({
      port: await freePort(),
      host: '127.0.0.1',
      Connector,
      lazyConnect: true,
      retryStrategy: null,
    });
    redis.on('error', () => {});
    await assert.rejects(redis.connect(), /closed/i);
  });
});
