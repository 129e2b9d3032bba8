import { spawn } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Datagram } from '../../lib/net';
import { pythonReceiver } from '../support/python-receiver';
import { bound, pair, unixPair, sendsLong, waitsForReceiver } from './datagrams';
import { temporary, tracked } from '../support/opened';
import { pattern } from './peers';

async function nodeSocket(type: 'udp4' | 'udp6'): Promise<{ node: Socket; port: number }> {
  const node = tracked(createSocket(type));
  node.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
  await once(node, 'listening');
  return { node, port: node.address().port };
}

describe('node:dgram', () => {
  test.each(['udp4', 'udp6'] as const)('of %s and we understand each other', async (type) => {
    const { node, port } = await nodeSocket(type);
    const host = type === 'udp4' ? '127.0.0.1' : '::1';
    const ours = sendsLong(tracked(await Datagram.connect({ host, port })));
    if (process.platform !== 'linux') node.setSendBufferSize(1 << 17);
    for (const bytes of [Buffer.alloc(0), Buffer.from('short'), pattern(60_000)]) {
      const message = once(node, 'message') as Promise<[Buffer, RemoteInfo]>;
      await ours.send(bytes);
      const [data, { port: from }] = await message;
      expect(data.equals(bytes)).toBe(true);
      node.send(data, from, host);
      const { data: answer, address } = await ours.receive();
      expect(answer.equals(bytes)).toBe(true);
      expect(address).toMatchObject({ address: host, port });
    }
  });

  test('gets the datagrams of a train one by one', async () => {
    const { node, port } = await nodeSocket('udp4');
    const ours = tracked(await Datagram.connect({ host: '127.0.0.1', port }));
    const messages = Array.from({ length: 150 }, (_, i) => Buffer.alloc(200 - (i % 3), i));
    const seen: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      node.on('message', (data) => {
        if (seen.push(data) === messages.length) resolve();
      });
    });
    await ours.sendMany(messages);
    await all;
    expect(seen).toEqual(messages);
  });

  test('sends a burst that is received in order', async () => {
    const { socket, to } = await bound();
    const { node, port } = await nodeSocket('udp4');
    // Small, so that all of them find room in the buffer of the socket.
    for (let i = 0; i < 200; i++) node.send(String(i), to.port, to.address);
    let next = 0;
    while (next < 200) {
      for (const { data, address } of await socket.receiveMany()) {
        expect(data.toString()).toBe(String(next++));
        expect(address).toMatchObject({ port });
      }
    }
  });
});

describe('sockets of Python', () => {
  test('over UDP answer to what we send', async () => {
    const { port, received } = await pythonReceiver(6, { echo: true });
    const { socket } = await bound();
    const to = { address: '127.0.0.1', port };
    await socket.send('one', to);
    await socket.sendMany(['two', { data: 'three' }, '', 'four', 'five'], to);
    const answers: string[] = [];
    while (answers.length < 6) answers.push((await socket.receive()).data.toString());
    expect(answers).toEqual(['eno', 'owt', 'eerht', '', 'ruof', 'evif']);
    expect(await received).toEqual(['one', 'two', 'three', '', 'four', 'five']);
  });

  test('at a path answer to what we send, by our path', async () => {
    const path = temporary('python');
    const { received } = await pythonReceiver(2, { path, echo: true });
    const ours = tracked(await Datagram.connect({ path, localPath: temporary('ours') }));
    await ours.sendMany(['ab', 'cd']);
    const { data, address } = await ours.receive();
    expect(data.toString()).toBe('ba');
    expect(address).toEqual({ path });
    expect((await ours.receive()).data.toString()).toBe('dc');
    expect(await received).toEqual(['ab', 'cd']);
  });

  test.runIf(waitsForReceiver)(
    'that receive slowly lose nothing at a path, however much is sent at once',
    async () => {
      const path = temporary('python');
      const count = 5000;
      const { received } = await pythonReceiver(count, { path });
      const ours = tracked(await Datagram.connect({ path }));
      const messages = Array.from({ length: count }, (_, i) => `<13>message ${i}`);
      await ours.sendMany(messages.slice(0, count / 2));
      for (const message of messages.slice(count / 2)) await ours.send(message);
      expect(await received).toEqual(messages);
    },
  );

  test.runIf(process.platform === 'linux')('send to us by an abstract name', async () => {
    const path = `\0iomux-python-${process.pid}`;
    const ours = tracked(await Datagram.bind({ path }));
    const program = `
import socket, sys
sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sender.sendto(b'hello', '\\0' + sys.argv[1])`;
    const child = spawn('python3', ['-c', program, path.slice(1)], { stdio: 'inherit' });
    const exit = once(child, 'close');
    expect(await ours.receive()).toMatchObject({ data: Buffer.from('hello'), address: null });
    expect(await exit).toEqual([0, null]);
  });
});

describe('we ourselves', () => {
  test.runIf(waitsForReceiver)(
    'lose nothing between two Unix sockets, whoever is faster',
    async () => {
      const { ours, theirs } = await unixPair();
      const total = 20_000;
      const sending = (async () => {
        for (let i = 0; i < total; i++) await ours.send(String(i));
      })();
      let next = 0;
      for await (const { data } of theirs) {
        if (data.toString() !== String(next)) expect(data.toString()).toBe(String(next));
        if (++next === total) break;
      }
      await sending;
    },
  );

  test('receive what was sent at once without waiting for any of it', async () => {
    const { ours, theirs } = await pair();
    const sending = Array.from({ length: 200 }, (_, i) => ours.send(String(i)));
    await Promise.all(sending);
    for (let i = 0; i < 200; i++) expect((await theirs.receive()).data.toString()).toBe(String(i));
  });
});
