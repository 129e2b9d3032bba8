import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { Datagram } from '../../lib/net';

const opened: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});
function tracked<T extends { close(): unknown }>(one: T): T {
  opened.push(one);
  return one;
}

async function bound(): Promise<{ datagram: Datagram; port: number }> {
  const datagram = tracked(await Datagram.bind({ host: '127.0.0.1', port: 0 }));
  return { datagram, port: datagram.localAddress?.port ?? 0 };
}

describe('a datagram socket', () => {
  test('receives from node:dgram and answers', async () => {
    const { datagram, port } = await bound();
    const node = tracked(createSocket('udp4'));
    node.send('question', port, '127.0.0.1');
    const { data, address, truncated } = await datagram.receive();
    expect(data.toString()).toBe('question');
    expect(truncated).toBe(false);
    const answered = once(node, 'message') as Promise<[Buffer]>;
    await datagram.send('answer', address as never);
    expect((await answered)[0].toString()).toBe('answer');
  });

  test('sends and receives in batches, in order', async () => {
    const { datagram, port } = await bound();
    const sender = tracked(await Datagram.connect({ host: '127.0.0.1', port }));
    const sent = Array.from({ length: 100 }, (_, i) => `message ${i}`);
    await sender.sendMany(sent.map((text) => ({ data: Buffer.from(text) })));
    const received: string[] = [];
    while (received.length < sent.length) {
      for (const { data } of await datagram.receiveMany()) received.push(data.toString());
    }
    expect(received).toEqual(sent);
  });

  test('takes a refusal for an error of the call, and goes on', async () => {
    const { datagram, port } = await bound();
    const sender = tracked(await Datagram.connect({ host: '127.0.0.1', port }));
    datagram.close();
    await sender.send('into the void');
    await expect(sender.receive()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const again = tracked(await Datagram.bind({ host: '127.0.0.1', port }));
    await sender.send('once more');
    expect((await again.receive()).data.toString()).toBe('once more');
  });

  test('that is closed rejects who waits, and one wait at a time', async () => {
    const { datagram } = await bound();
    const waiting = datagram.receive();
    await expect(datagram.receive()).rejects.toMatchObject({ code: 'ERR_BUSY' });
    datagram.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(datagram.fd).toBe(-1);
  });

  test('that is aborted loses nothing', async () => {
    const { datagram, port } = await bound();
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = datagram.receive({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    tracked(createSocket('udp4')).send('later', port, '127.0.0.1');
    expect((await datagram.receive()).data.toString()).toBe('later');
  });
});
