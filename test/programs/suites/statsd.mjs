import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { StatsD } from 'hot-shots';
import { Datagram } from '../../../dist/net.mjs';
import { findProgram, temporaryFolder } from '../support/daemon.mjs';

const python = findProgram('python3');

/** Each datagram it receives is a line, in JSON. */
const DAEMON = `
import json, socket, sys
daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
daemon.bind(sys.argv[1])
print(flush=True)
while True:
    print(json.dumps(daemon.recv(65536).decode()), flush=True)
`;

/** What hot-shots takes for a stream: each write is a datagram. */
async function datagrams(path) {
  const datagram = await Datagram.connect({ path });
  return new Writable({
    write: (chunk, _, callback) => void datagram.send(chunk).then(() => callback(), callback),
    destroy: (error, callback) => {
      datagram.close();
      callback(error);
    },
  });
}

const METRICS = (statsd) => {
  statsd.increment('requests', 1, ['route:hello']);
  statsd.timing('took', 12);
  statsd.gauge('connections', 3);
  statsd.event('deployed', 'iomux');
};
const LINES = [
  'app.requests:1|c|#route:hello',
  'app.took:12|ms',
  'app.connections:3|g',
  '_e{12,5}:app.deployed|iomux',
];
const settled = (statsd) => new Promise((resolve) => statsd.close(resolve));

describe('hot-shots', () => {
  describe(
    'over a Unix datagram socket, with a daemon in Python',
    { skip: python === undefined && 'there is no Python' },
    () => {
      let daemon, lines;
      const path = join(temporaryFolder(), 'statsd');
      before(async () => {
        daemon = spawn(python, ['-c', DAEMON, path], { stdio: ['ignore', 'pipe', 'inherit'] });
        lines = createInterface(daemon.stdout)[Symbol.asyncIterator]();
        await lines.next();
      });
      after(async () => {
        daemon.kill();
        await once(daemon, 'exit');
      });
      const next = async () => JSON.parse((await lines.next()).value);

      test('each metric is a datagram', async () => {
        const statsd = new StatsD({
          protocol: 'stream',
          stream: await datagrams(path),
          prefix: 'app.',
        });
        METRICS(statsd);
        for (const line of LINES) assert.equal(await next(), `${line}\n`);
        await settled(statsd);
      });

      test('metrics are gathered into datagrams of a size', async () => {
        const stream = await datagrams(path);
        const statsd = new StatsD({
          protocol: 'stream',
          stream,
          maxBufferSize: 1000,
          bufferFlushInterval: 10,
        });
        for (let i = 0; i < 500; i++) statsd.increment(`counter.${i}`);
        const received = [];
        while (received.length < 500) {
          const datagram = await next();
          assert.ok(datagram.length <= 1001);
          received.push(...datagram.trim().split('\n'));
        }
        assert.deepEqual(
          received,
          Array.from({ length: 500 }, (_, i) => `counter.${i}:1|c`),
        );
        await settled(statsd);
      });
    },
  );

  test('over UDP of its own, to a Datagram of ours', async () => {
    const daemon = await Datagram.bind({ port: 0, host: '127.0.0.1' });
    const statsd = new StatsD({
      port: daemon.localAddress.port,
      host: '127.0.0.1',
      prefix: 'app.',
    });
    METRICS(statsd);
    for (const line of LINES) {
      const { data } = await daemon.receive();
      assert.equal(data.toString(), line);
    }
    await settled(statsd);
    daemon.close();
  });
});
