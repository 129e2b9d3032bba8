import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { certificates } from '../support/certificates.mjs';
import { findProgram } from '../support/daemon.mjs';
import { assertWithoutLibuv, output, serving } from '../support/serving.mjs';

const { ca, identity, path, folder } = certificates();
const MEGABYTES = randomBytes(8_000_000);
const upload = join(folder, 'upload');
writeFileSync(upload, MEGABYTES);

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What each of them serves. */
async function onRequest(request, response) {
  if (request.url === '/hello') response.end('hello\n');
  else if (request.url === '/megabytes') response.end(MEGABYTES);
  else if (request.url === '/chunked') {
    for (let at = 0; at < MEGABYTES.length; at += 100_000) {
      const goesOn = response.write(MEGABYTES.subarray(at, at + 100_000));
      if (!goesOn) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  } else if (request.url === '/digest') {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk);
    response.end(hash.digest('hex'));
  } else {
    const { remoteAddress, remotePort, remoteFamily, localAddress, authorized } = request.socket;
    const client = request.socket.getPeerCertificate?.().subject?.CN;
    response.end(
      JSON.stringify({ remoteAddress, remotePort, remoteFamily, localAddress, authorized, client }),
    );
  }
}

const wrk = findProgram('wrk');

function describeServer(name, createServer, scheme, ...options) {
  describe(name, () => {
    let served;
    before(async () => (served = await serving(createServer())));
    after(() => served.close());
    const url = (path) => `${scheme}://localhost:${served.port}${path}`;
    const curl = (...args) => output('curl', '-sS', '-4', ...options, ...args);

    test('answers', async () => {
      assert.equal(await curl(url('/hello')), 'hello\n');
      assertWithoutLibuv();
    });

    test('keeps a connection for the next request', async () => {
      const connects = await curl(
        '-w',
        '%{num_connects}\n',
        url('/hello'),
        url('/hello'),
        url('/hello'),
      );
      assert.equal(connects, 'hello\n1\nhello\n0\nhello\n0\n');
    });

    for (const path of ['/megabytes', '/chunked']) {
      test(`sends ${path}`, async () => {
        const file = join(folder, 'download');
        await curl('-o', file, url(path));
        assert.equal(await output('sha256sum', file), `${digest(MEGABYTES)}  ${file}\n`);
      });
    }

    test('takes an upload, after 100-continue', async () => {
      assert.equal(await curl('--data-binary', `@${upload}`, url('/digest')), digest(MEGABYTES));
      assert.equal(
        await curl('-T', upload, '-H', 'Transfer-Encoding: chunked', url('/digest')),
        digest(MEGABYTES),
      );
    });

    test('knows the addresses', async () => {
      const { remoteAddress, remotePort, remoteFamily, localAddress } = JSON.parse(
        await curl(url('/client')),
      );
      assert.deepEqual(
        [remoteAddress, remoteFamily, localAddress],
        ['127.0.0.1', 'IPv4', '127.0.0.1'],
      );
      assert.ok(remotePort > 0);
    });

    // It does not speak HTTP/2.
    if (options.includes('--http2')) return;
    const skip = wrk === undefined && 'there is no wrk';
    test('serves fifty connections of wrk without an error', { skip }, async (t) => {
      const report = await output(wrk, '-t1', '-c50', '-d2s', url('/hello'));
      assert.doesNotMatch(report, /Socket errors|Non-2xx/);
      const [, rate] = /Requests\/sec: +(\d+)/.exec(report);
      assert.ok(Number(rate) > 0);
      t.diagnostic(`${name}: ${rate} requests/s`);
    });
  });
}

const cert = { ...identity('localhost'), ca };
const trust = ['--cacert', path('ca.pem')];
describeServer('node:http, with curl and wrk', () => createServer(onRequest), 'http');
describeServer(
  'node:https, with curl and wrk',
  () => createHttps(cert, onRequest),
  'https',
  ...trust,
);
describeServer(
  'node:http2, with curl',
  () => createSecureServer(cert, onRequest),
  'https',
  ...trust,
  '--http2',
);
