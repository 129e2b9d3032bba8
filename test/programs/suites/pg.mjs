import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { Connection } from '../../../dist/node.mjs';
import { certificates } from '../support/certificates.mjs';
import {
  findProgram,
  freePort,
  handOver,
  runProgram,
  startDaemon,
  temporaryFolder,
} from '../support/daemon.mjs';
import { assertWithoutLibuv } from '../support/serving.mjs';

const initdb = findProgram('initdb');
const { ca, path } = certificates();

describe('pg, with PostgreSQL', { skip: initdb === undefined && 'there is no PostgreSQL' }, () => {
  const folder = temporaryFolder();
  let port, stop;
  const stream = () => new Connection();
  const user = { user: 'postgres', database: 'postgres', stream };

  before(async () => {
    const data = join(folder, 'data');
    runProgram(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8']);
    const files = { cert: join(folder, 'server.pem'), key: join(folder, 'server.key') };
    copyFileSync(path('localhost.pem'), files.cert);
    copyFileSync(path('localhost.key'), files.key);
    handOver(...Object.values(files));
    port = await freePort();
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      port,
      fsync: 'off',
      ssl: 'on',
      ssl_cert_file: files.cert,
      ssl_key_file: files.key,
    };
    const args = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    stop = await startDaemon(findProgram('postgres'), ['-D', data, ...args], /ready to accept/);
  });
  after(() => stop());

  const ways = {
    TCP: () => ({ host: '127.0.0.1', port }),
    'a Unix socket': () => ({ host: folder, port }),
    TLS: () => ({ host: 'localhost', port, ssl: { ca } }),
  };
  for (const [way, target] of Object.entries(ways)) {
    describe(way, () => {
      let client;
      before(async () => {
        client = new pg.Client({ ...user, ...target() });
        await client.connect();
      });
      after(() => client.end());

      test('is connected over it', async () => {
        assertWithoutLibuv();
        const { rows } = await client.query(
          'select ssl, inet_client_addr()::text as address from pg_stat_ssl where pid = pg_backend_pid()',
        );
        const address = way === 'a Unix socket' ? null : '127.0.0.1/32';
        assert.deepEqual(rows, [{ ssl: way === 'TLS', address }]);
      });

      test('queries with parameters, and prepared', async () => {
        for (let i = 0; i < 3; i++) {
          const query = { name: 'sum', text: 'select $1::int + $2::int as sum', values: [i, 40] };
          assert.equal((await client.query(query)).rows[0].sum, i + 40);
        }
      });

      test('hundreds of queries under way at a time', async () => {
        const numbers = Array.from({ length: 500 }, (_, i) => i);
        const answers = await Promise.all(
          numbers.map((n) => client.query('select $1::int as n', [n])),
        );
        assert.deepEqual(
          answers.map(({ rows }) => rows[0].n),
          numbers,
        );
      });

      test('megabytes, both ways', async () => {
        const text = 'ä'.repeat(2_000_000);
        const { rows } = await client.query('select $1::text as text', [text]);
        assert.ok(rows[0].text === text);
        const many = await client.query(
          'select i, repeat($1, 100) from generate_series(1, 50000) i',
          ['x'],
        );
        assert.equal(many.rowCount, 50000);
      });

      test('errors, transactions, and notifications', async () => {
        await assert.rejects(client.query('select 1/0'), { code: '22012' });
        await client.query('create temp table t (n int)');
        await client.query('begin');
        await client.query('insert into t values (1)');
        await client.query('rollback');
        assert.equal((await client.query('select * from t')).rowCount, 0);
        const notified = new Promise((resolve) => client.once('notification', resolve));
        await client.query(`listen c; notify c, 'hello'`);
        assert.equal((await notified).payload, 'hello');
      });
    });
  }

  test('a pool, whose clients idle and come back', async () => {
    const pool = new pg.Pool({ ...user, ...ways.TCP(), max: 5 });
    const rows = await Promise.all(
      Array.from({ length: 50 }, () => pool.query('select pg_backend_pid() as pid')),
    );
    assert.equal(new Set(rows.map((answer) => answer.rows[0].pid)).size, 5);
    await pool.end();
  });

  test('a backend that is terminated', async () => {
    const [victim, other] = [0, 1].map(() => new pg.Client({ ...user, ...ways.TCP() }));
    await Promise.all([victim.connect(), other.connect()]);
    const lost = new Promise((resolve) => victim.on('error', resolve));
    const { rows } = await victim.query('select pg_backend_pid() as pid');
    await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
    assert.equal((await lost).code, '57P01');
    await other.end();
  });

  test('nobody listens', async () => {
    const client = new pg.Client({ ...user, host: '127.0.0.1', port: await freePort() });
    await assert.rejects(client.connect(), { code: 'ECONNREFUSED' });
  });
});
