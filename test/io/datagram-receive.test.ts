import { describe, expect, test } from 'vitest';
import { readable } from '../../lib/index';
import { Datagram, type ReceivedDatagram } from '../../lib/net';
import { select } from '../../lib/select';
import { afterTurns, PENDING } from '../support/turns';
import { bound, pair, unixPair, waitsForReceiver, has127Net } from './datagrams';
import { tracked } from '../support/opened';
import { pattern } from './peers';

describe('receive', () => {
  test('answers with the bytes and the sender, whether they are there or come later', async () => {
    const { socket, to } = await bound();
    const { socket: sender, to: from } = await bound();
    await sender.send('first', to);
    expect(await socket.receive()).toEqual({
      data: Buffer.from('first'),
      address: from,
      truncated: false,
      details: undefined,
    });
    const later = socket.receive();
    expect(await afterTurns(later)).toBe(PENDING);
    await sender.send(Buffer.from('second'), to);
    expect((await later).data.toString()).toBe('second');
  });

  test('into the caller’s memory answers with the length', async () => {
    const { ours, theirs } = await pair();
    const into = Buffer.alloc(10, '.');
    await ours.send('abc');
    expect(await theirs.receive(into)).toEqual({
      length: 3,
      address: ours.localAddress,
      truncated: false,
      details: undefined,
    });
    expect(into.toString()).toBe('abc.......');
    const later = theirs.receive(into.subarray(5));
    await ours.send('xyz');
    expect((await later).length).toBe(3);
    expect(into.toString()).toBe('abc..xyz..');
  });

  test('says so when the datagram was longer than the memory, and loses only the rest', async () => {
    const { ours, theirs } = await pair();
    await ours.sendMany(['0123456789', 'exact', 'next']);
    const into = Buffer.alloc(5);
    expect(await theirs.receive(into)).toMatchObject({ length: 5, truncated: true });
    expect(into.toString()).toBe('01234');
    expect(await theirs.receive(into)).toMatchObject({ length: 5, truncated: false });
    expect((await theirs.receive()).data.toString()).toBe('next');
  });

  test('takes an empty datagram for a datagram', async () => {
    const { ours, theirs } = await pair();
    await ours.send('');
    expect(await theirs.receive()).toMatchObject({ data: Buffer.alloc(0), truncated: false });
    await ours.send(Buffer.alloc(0));
    expect(await theirs.receive(Buffer.alloc(1))).toMatchObject({ length: 0, truncated: false });
    await ours.sendMany(['', '', '']);
    expect(await theirs.receiveMany()).toHaveLength(3);
  });

  test('has room for the longest datagram there is', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(65_507);
    await ours.send(bytes);
    const { data, truncated } = await theirs.receive();
    expect(truncated).toBe(false);
    expect(data.equals(bytes)).toBe(true);
  });

  test('answers with the same frozen address for the same sender', async () => {
    const { ours, theirs } = await pair();
    await ours.sendMany(['a', 'b']);
    const [first, second] = [await theirs.receive(), await theirs.receive()];
    expect(second.address).toBe(first.address);
    expect(Object.isFrozen(first.address)).toBe(true);
  });

  test.runIf(has127Net)('keeps senders apart, also more than are remembered', async () => {
    const { socket, to } = await bound();
    // Every address of 127/8 is this machine's.
    for (let i = 0; i < 1100; i++) {
      const host = `127.0.${1 + (i >> 8)}.${i & 255}`;
      const sender = await Datagram.bind({ host });
      await sender.send('x', to);
      const { port } = sender.localAddress as { port: number };
      sender.close();
      const { address } = await socket.receive();
      expect(address).toEqual({ address: host, port, family: 'IPv4' });
    }
  });

  test('while another is under way is ERR_BUSY, and does not disturb it', async () => {
    const { ours, theirs } = await pair();
    const first = theirs.receive();
    const busy = { code: 'ERR_BUSY' };
    await expect(theirs.receive()).rejects.toMatchObject(busy);
    await expect(theirs.receive(Buffer.alloc(1))).rejects.toMatchObject(busy);
    await expect(theirs.receiveMany()).rejects.toMatchObject(busy);
    expect(() => theirs.tryReceive()).toThrow(expect.objectContaining(busy));
    await ours.send('x');
    expect((await first).data.toString()).toBe('x');
  });
});

describe('receiveMany', () => {
  test('answers with all that is there, up to `max`', async () => {
    const { ours, theirs } = await pair();
    await ours.sendMany(['a', 'bb', 'ccc', 'dddd', 'e']);
    const text = (batch: ReceivedDatagram[]): string[] => batch.map(({ data }) => data.toString());
    expect(text(await theirs.receiveMany({ max: 2 }))).toEqual(['a', 'bb']);
    expect(text(await theirs.receiveMany())).toEqual(['ccc', 'dddd', 'e']);
    const later = theirs.receiveMany();
    expect(await afterTurns(later)).toBe(PENDING);
    await ours.send('f');
    expect(text(await later)).toEqual(['f']);
  });

  test('takes trains apart, and keeps what is beyond `max` for whoever asks next', async () => {
    const { ours, theirs } = await pair();
    // From then on the kernel delivers trains as they are.
    await ours.send('x');
    await theirs.receiveMany();
    const messages = Array.from({ length: 10 }, (_, i) => `message ${i}`);
    await ours.sendMany([...messages, 'end']);
    const into = Buffer.alloc(4);
    expect(await theirs.receiveMany({ max: 3 })).toHaveLength(3);
    expect((await theirs.receive()).data.toString()).toBe('message 3');
    expect(await theirs.receive(into)).toMatchObject({ length: 4, truncated: true });
    expect(into.toString()).toBe('mess');
    expect(theirs.tryReceive()?.data.toString()).toBe('message 5');
    for await (const { data } of theirs) {
      expect(data.toString()).toBe('message 6');
      break;
    }
    const rest = await theirs.receiveMany({ max: 100 });
    expect(rest.map(({ data }) => data.toString())).toEqual([...messages.slice(7), 'end']);
    expect(theirs.tryReceive()).toBeNull();
  });

  test('gives the batches memory of their own', async () => {
    const { ours, theirs } = await pair();
    await ours.send('first');
    const [first] = await theirs.receiveMany();
    await ours.send('other');
    await theirs.receiveMany();
    expect(first.data.toString()).toBe('first');
  });

  test.runIf(waitsForReceiver)('delivers 100,000 datagrams, each as it was', async () => {
    const { ours, theirs } = await unixPair();
    const total = 100_000;
    const sending = (async () => {
      for (let i = 0; i < total; i += 1000) {
        await ours.sendMany(
          Array.from({ length: 1000 }, (_, k) => `${i + k}:`.padEnd(8 + ((i + k) % 50), 'x')),
        );
      }
    })();
    let next = 0;
    while (next < total) {
      for (const { data, truncated } of await theirs.receiveMany()) {
        const expected = `${next}:`.padEnd(8 + (next % 50), 'x');
        if (truncated || data.toString() !== expected) expect(data.toString()).toBe(expected);
        next++;
      }
    }
    await sending;
    expect(next).toBe(total);
  });

  test('delivers 100,000 datagrams of UDP, in trains, to a receiver that keeps up', async () => {
    const { ours, theirs } = await pair();
    const total = 100_000;
    const step = 50;
    let next = 0;
    for (let i = 0; i < total; i += step) {
      await ours.sendMany(Array.from({ length: step }, (_, k) => String(i + k).padStart(100)));
      while (next < i + step) {
        for (const { data } of await theirs.receiveMany()) {
          if (Number(data.toString()) !== next) expect(Number(data.toString())).toBe(next);
          next++;
        }
      }
    }
    expect(next).toBe(total);
  });
});

describe('tryReceive', () => {
  test('answers at once, with null where there is nothing', async () => {
    const { ours, theirs } = await pair();
    expect(theirs.tryReceive()).toBeNull();
    expect(theirs.tryReceive(Buffer.alloc(1))).toBeNull();
    await ours.send('ab');
    await readable(theirs);
    expect(theirs.tryReceive()).toMatchObject({ data: Buffer.from('ab') });
    expect(theirs.tryReceive()).toBeNull();
  });

  test('answers what the kernel says, whether or not the event loop has had its turn', async () => {
    const { ours, theirs } = await pair();
    const waiting = theirs.receive();
    await ours.send('waited for');
    await waiting;
    expect(theirs.tryReceive()).toBeNull();
    for (const text of ['a', 'b']) ours.trySend(text);
    select([theirs], [], [], { timeout: 20_000 });
    expect(theirs.tryReceive()?.data.toString()).toBe('a');
    expect((await theirs.receive()).data.toString()).toBe('b');
  });

  test('and `readable` make a loop that sees everything', async () => {
    const { ours, theirs } = await pair();
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      await ours.send(`a${i}`);
      await ours.send(`b${i}`);
      while (seen.length < 2 * i + 2) {
        const datagram = theirs.tryReceive();
        if (datagram === null) await readable(theirs);
        else seen.push(datagram.data.toString());
      }
      // Also after a receive that waited, which enters the multiplexer.
      const waiting = theirs.receive();
      await ours.send('waited for');
      expect((await waiting).data.toString()).toBe('waited for');
    }
    expect(seen).toHaveLength(40);
  });
});

describe('for await', () => {
  test('goes on until the socket is closed', async () => {
    const { ours, theirs } = await pair();
    const seen: string[] = [];
    await ours.sendMany(['a', 'b', 'c']);
    for await (const { data } of theirs) {
      seen.push(data.toString());
      if (seen.length === 3) theirs.close();
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('ends when it is closed while waiting', async () => {
    const { theirs } = await pair();
    const loop = (async () => {
      for await (const datagram of theirs) expect(datagram).toBeUndefined();
    })();
    expect(await afterTurns(loop)).toBe(PENDING);
    theirs.close();
    await loop;
  });

  test('leaves what it has not taken when the loop is left', async () => {
    const { ours, theirs } = await pair();
    await ours.sendMany(['a', 'b', 'c']);
    for await (const { data } of theirs) {
      expect(data.toString()).toBe('a');
      break;
    }
    expect((await theirs.receive()).data.toString()).toBe('b');
    expect((await theirs.receiveMany()).map(({ data }) => data.toString())).toEqual(['c']);
  });

  test('lets timers have their turn while datagrams keep coming', async () => {
    const { ours, theirs } = await unixPair();
    let rounds = 0;
    const timer = { over: false };
    setTimeout(() => (timer.over = true), 5);
    // Each datagram that is received sends the next: there is always one.
    await ours.send('ball');
    for await (const datagram of theirs) {
      void datagram;
      rounds++;
      if (timer.over) break;
      await ours.send('ball');
    }
    expect(rounds).toBeGreaterThan(0);
  });
});

describe('an error of ICMP', () => {
  async function toNobody(): Promise<Datagram> {
    const { socket, to } = await bound();
    socket.close();
    return tracked(await Datagram.connect({ host: '127.0.0.1', port: to.port }));
  }

  test('rejects the receive that waits, and the socket goes on', async () => {
    const socket = await toNobody();
    const receiving = socket.receive();
    await socket.send('x');
    await expect(receiving).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      syscall: expect.stringMatching(/^recvm?msg$/) as string,
      fd: socket.fd,
    });
    const again = socket.receiveMany();
    await socket.send('y');
    await expect(again).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    // Now there is a receiver.
    const { port } = socket.remoteAddress as { port: number };
    const { socket: peer } = await bound({ port });
    await socket.send('z');
    const { data, address } = await peer.receive();
    expect(data.toString()).toBe('z');
    await peer.send('answer', address as { address: string; port: number });
    expect((await socket.receive()).data.toString()).toBe('answer');
  });

  test('is told to the next send where nobody receives, once', async () => {
    const socket = await toNobody();
    await socket.send('x');
    await expect(socket.send('y')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await socket.send('z');
    await expect(socket.sendMany(['1', '2'])).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      sent: 0,
    });
  });

  test('is nothing to a socket that is not connected', async () => {
    const gone = await bound();
    gone.socket.close();
    const { socket, to } = await bound();
    for (let i = 0; i < 3; i++) await socket.send('x', gone.to);
    await socket.send('to myself', to);
    expect((await socket.receive()).data.toString()).toBe('to myself');
  });
});
