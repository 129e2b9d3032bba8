import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { listen } from '../../../dist/net.mjs';
import { Connection, connectTls, toDuplex } from '../../../dist/node.mjs';
import { certificates } from '../support/certificates.mjs';
import {
  findProgram,
  freePort,
  handOver,
  startDaemon,
  temporaryFolder,
} from '../support/daemon.mjs';
import { assertWithoutLibuv } from '../support/serving.mjs';

const { ca, path } = certificates();
const ended = (client) => client.endAsync();

/** What every client must do with every broker; `open` makes one. */
function exchanges(open) {
  test('hears what it has subscribed to, at every quality of service', async () => {
    const client = await open();
    await client.subscribeAsync('greetings/+', { qos: 2 });
    for (const qos of [0, 1, 2]) {
      const heard = once(client, 'message');
      await client.publishAsync(`greetings/${qos}`, 'hello', { qos });
      const [topic, payload] = await heard;
      assert.deepEqual([topic, payload.toString()], [`greetings/${qos}`, 'hello']);
    }
    await ended(client);
  });

  test('a thousand messages under way at a time', async () => {
    const [reader, writer] = await Promise.all([open(), open()]);
    await reader.subscribeAsync('many', { qos: 1 });
    const heard = [];
    const all = new Promise((resolve) => {
      reader.on('message', (_, payload) => {
        if (heard.push(Number(payload)) === 1000) resolve();
      });
    });
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    await Promise.all(numbers.map((n) => writer.publishAsync('many', String(n), { qos: 1 })));
    await all;
    assert.deepEqual(heard, numbers);
    await Promise.all([reader, writer].map(ended));
  });

  test('a message of a megabyte', async () => {
    const client = await open();
    await client.subscribeAsync('large');
    const heard = once(client, 'message');
    await client.publishAsync('large', Buffer.alloc(1_000_000, 'x'));
    const [, payload] = await heard;
    assert.ok(payload.equals(Buffer.alloc(1_000_000, 'x')));
    await ended(client);
  });

  test('a will is sent when the connection is lost', async () => {
    const [witness, lost] = await Promise.all([
      open(),
      open({
        will: { topic: 'wills', payload: 'gone', qos: 0, retain: false },
        reconnectPeriod: 0,
      }),
    ]);
    await witness.subscribeAsync('wills');
    const heard = once(witness, 'message');
    lost.stream.destroy();
    const [, payload] = await heard;
    assert.equal(payload.toString(), 'gone');
    await Promise.all([witness, lost].map(ended));
  });
}

async function connected(client) {
  await once(client, 'connect');
  return client;
}

const mosquitto = findProgram('mosquitto');

describe(
  'mqtt, with mosquitto',
  { skip: mosquitto === undefined && 'there is no mosquitto' },
  () => {
    const folder = temporaryFolder();
    let port, securePort, stop;
    before(async () => {
      [port, securePort] = [await freePort(), await freePort()];
      const [cert, key] = ['localhost.pem', 'localhost.key'].map((name) => join(folder, name));
      copyFileSync(path('localhost.pem'), cert);
      copyFileSync(path('localhost.key'), key);
      const config = join(folder, 'mosquitto.conf');
      writeFileSync(
        config,
        `allow_anonymous true
       max_queued_messages 0
       listener ${port} 127.0.0.1
       listener ${securePort} 127.0.0.1
       certfile ${cert}
       keyfile ${key}`.replace(/^ +/gm, ''),
      );
      handOver(cert, key, config);
      stop = await startDaemon(mosquitto, ['-c', config, '-v'], /mosquitto version .* running/);
    });
    after(() => stop());

    describe('TCP', () => {
      exchanges((options = {}) =>
        connected(
          new mqtt.MqttClient(() => new Connection().connect({ port, host: '127.0.0.1' }), options),
        ),
      );

      test('a lost connection comes back', async () => {
        const stream = () => new Connection().connect({ port, host: '127.0.0.1' });
        const client = await connected(new mqtt.MqttClient(stream, { reconnectPeriod: 1 }));
        assertWithoutLibuv();
        client.stream.destroy();
        await once(client, 'connect');
        await ended(client);
      });
    });

    describe('TLS', () => {
      exchanges((options = {}) =>
        connected(
          new mqtt.MqttClient(
            () =>
              connectTls({
                port: securePort,
                host: 'localhost',
                family: 4,
                servername: 'localhost',
                ca,
              }),
            options,
          ),
        ),
      );
    });
  },
);

describe('aedes, a broker, with mqtt over node:net', () => {
  let broker, listener, served;
  before(async () => {
    broker = await Aedes.createBroker();
    listener = await listen({ port: 0, host: '127.0.0.1' });
    served = listener.serve((stream) => {
      const duplex = toDuplex(stream);
      broker.handle(duplex);
      return once(duplex, 'close');
    });
  });
  after(async () => {
    await new Promise((resolve) => broker.close(resolve));
    listener.close();
    await served;
  });
  exchanges((options = {}) =>
    mqtt.connectAsync({ port: listener.address.port, host: '127.0.0.1', ...options }),
  );
});
