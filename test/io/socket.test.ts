import { once } from 'node:events';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Stream } from '../../lib/net';
import {
  AF_INET,
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RDWR,
  SHUT_WR,
  SO_ERROR,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  Socket,
  SOL_SOCKET,
} from '../../lib/socket';
import { inChild } from '../support/child';
import { afterTurns, PENDING } from '../support/turns';
import { descriptors as support, isOpen, pipe, socketPair } from '../support/descriptors';
import { temporary, tracked } from '../support/opened';
import { pattern } from './peers';

let folder: string;
beforeEach(() => {
  folder = temporary();
});

function pairOf(type: number): [Socket, Socket] {
  const [ours, theirs] = Socket.pair(AF_UNIX, type);
  return [tracked(ours), tracked(theirs)];
}

function error(properties: Record<string, unknown>): Error {
  return expect.objectContaining(properties) as Error;
}

async function text(socket: Socket, room = 64): Promise<string> {
  const buffer = Buffer.alloc(room);
  return buffer.toString('utf8', 0, await socket.receive(buffer));
}

/** Sends until the kernel takes no more. Returns how many were sent, and the pending send. */
async function fill(socket: Socket, message: Uint8Array): Promise<[number, Promise<void>]> {
  for (let sent = 0; ; sent++) {
    const sending = socket.send(message);
    if ((await afterTurns(sending)) === PENDING) return [sent, sending];
  }
}

describe('a stream socket', () => {
  test('binds, listens, accepts, connects and says where', async () => {
    const server = tracked(new Socket(AF_INET, SOCK_STREAM));
    server.setOption('reuseAddress', true);
    server.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    server.listen();
    const address = server.localAddress;
    expect(address).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
    const client = tracked(new Socket(AF_INET, SOCK_STREAM));
    expect(client.remoteAddress).toBeNull();
    const accepting = server.accept();
    expect(await afterTurns(accepting)).toBe(PENDING);
    await client.connect(address ?? { path: '' });
    const served = tracked(await accepting);
    expect(client.remoteAddress).toEqual(address);
    expect(served.remoteAddress).toEqual(client.localAddress);
    expect(support.flags(served.fd)).toEqual({ nonBlocking: true, closeOnExec: true });
    expect(client.peerCredentials).toBeNull();

    await client.send('hello');
    expect(await text(served)).toBe('hello');
    client.shutdown(SHUT_WR);
    expect(await text(served)).toBe('');
    await served.send(Buffer.from('still here'));
    expect(await text(client)).toBe('still here');
  });

  test('talks with node:net', async () => {
    const server = createServer((socket) => socket.pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
    await socket.connect({ address: '127.0.0.1', port, family: 'IPv4' });
    await socket.send('ping');
    expect(await text(socket)).toBe('ping');
    socket.close();
    server.close();
  });

  test('that nobody listens for is refused, with the address', async () => {
    const other = tracked(new Socket(AF_INET, SOCK_STREAM));
    other.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    const { port } = other.localAddress as { port: number };
    const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
    await expect(
      socket.connect({ address: '127.0.0.1', port, family: 'IPv4' }),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.1', port });
    // Its error has been reported.
    expect(socket.getOption(SOL_SOCKET, SO_ERROR)).toBe(0);
    const another = tracked(new Socket(AF_INET, SOCK_STREAM));
    await expect(
      another.connect({ path: undefined, address: '127.0.0.1', port, family: 'IPv4' }),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.1', port });
    const path = join(folder, 'nobody');
    const unix = tracked(new Socket(AF_UNIX, SOCK_STREAM));
    await expect(unix.connect({ path })).rejects.toMatchObject({ code: 'ENOENT', address: path });
  });

  test('is told that it was refused also where somebody has taken the error', async () => {
    const other = tracked(new Socket(AF_INET, SOCK_STREAM));
    other.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    const { port } = other.localAddress as { port: number };
    const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
    const connecting = socket.connect({ address: '127.0.0.1', port, family: 'IPv4' });
    let taken = 0;
    while (taken === 0) taken = socket.getOption(SOL_SOCKET, SO_ERROR);
    expect(taken).toBe(constants.errno.ECONNREFUSED);
    await expect(connecting).rejects.toMatchObject({ code: 'ECONNABORTED', syscall: 'connect' });
  });

  test('is told why it was refused also where a receive is under way', async () => {
    const other = tracked(new Socket(AF_INET, SOCK_STREAM));
    other.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    const socket = tracked(new Socket(AF_INET, SOCK_STREAM));
    const connecting = socket.connect(other.localAddress ?? { path: '' });
    const receiving = socket.receive(Buffer.alloc(8));
    await expect(connecting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    // The connection has come to its end.
    expect(await receiving).toBe(0);
  });

  test('receives what comes when a receive was under way before it was connected', async () => {
    const server = tracked(new Socket(AF_INET, SOCK_STREAM));
    server.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    server.listen();
    const client = tracked(new Socket(AF_INET, SOCK_STREAM));
    const connecting = client.connect(server.localAddress ?? { path: '' });
    const buffer = Buffer.alloc(8);
    const receiving = client.receive(buffer);
    await connecting;
    const served = tracked(await server.accept());
    await served.send('early');
    expect(await receiving).toBe(5);
    expect(buffer.toString('utf8', 0, 5)).toBe('early');
  });

  test('sends what comes after connecting in the order of the calls', async () => {
    const server = tracked(new Socket(AF_INET, SOCK_STREAM));
    server.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    server.listen();
    const client = tracked(new Socket(AF_INET, SOCK_STREAM));
    const address = server.localAddress ?? { path: '' };
    const all = Promise.all([client.connect(address), client.send('one '), client.send('two')]);
    const served = tracked(await server.accept());
    await all;
    client.shutdown(SHUT_WR);
    let received = '';
    for (let more = await text(served); more !== ''; more = await text(served)) received += more;
    expect(received).toBe('one two');
  });

  test('sends all of what the kernel takes by parts, in order', async () => {
    const [ours, theirs] = pairOf(SOCK_STREAM);
    const bytes = pattern(3_000_000);
    ours.setOption('sendBuffer', 4096);
    const sending = Promise.all([ours.send(bytes), ours.send('the end')]).then(() => {
      ours.shutdown(SHUT_WR);
    });
    const received = Buffer.alloc(bytes.length + 7);
    for (let offset = 0; offset < received.length;) {
      offset += await theirs.receive(received.subarray(offset));
    }
    await sending;
    expect(await text(theirs)).toBe('');
    expect(received.subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(received.toString('utf8', bytes.length)).toBe('the end');
  });

  test('does not let others wait for it while it is always ready', async () => {
    const [ours, theirs] = pairOf(SOCK_STREAM);
    await ours.send(Buffer.alloc(1000));
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const byte = Buffer.alloc(1);
    for (let i = 0; i < 1000; i++) await theirs.receive(byte);
    reading = false;
    expect(turns).toBeGreaterThan(10);
  });

  test('from outside is taken over, and given up again', async () => {
    const [given, peer] = socketPair();
    const socket = Socket.fromFd(support.dup(given));
    const other = Socket.fromFd(support.dup(peer));
    await socket.send('in');
    expect(await text(other)).toBe('in');
    const waiting = socket.receive(Buffer.alloc(1));
    expect(await afterTurns(waiting)).toBe(PENDING);
    const { fd } = socket;
    expect(socket.detach()).toBe(fd);
    expect(socket.fd).toBe(-1);
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(isOpen(fd)).toBe(true);
    expect(() => socket.detach()).toThrow(error({ code: 'ERR_CLOSED' }));
    // Nobody owns it, so it can be taken over again, and the kernel reports its events anew.
    const again = Socket.fromFd(fd);
    const reading = again.receive(Buffer.alloc(8));
    expect(await afterTurns(reading)).toBe(PENDING);
    await other.send('out');
    expect(await reading).toBe(3);
    again.close();
    other.close();
    expect(isOpen(fd)).toBe(false);
  });

  test('of another handle is refused', () => {
    const [ours] = pairOf(SOCK_STREAM);
    expect(() => Socket.fromFd(ours.fd)).toThrow(error({ code: 'ERR_BUSY' }));
  });

  test('goes on as a stream, which knows its peer', async () => {
    const [ours, theirs] = pairOf(SOCK_STREAM);
    const waiting = ours.receive(Buffer.alloc(1));
    expect(await afterTurns(waiting)).toBe(PENDING);
    const stream = tracked(Stream.fromFd(ours.detach()));
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await theirs.send('a line\nand more');
    expect(await stream.readLine()).toBe('a line');
    await stream.write('answer');
    expect(await text(theirs)).toBe('answer');
    expect(stream.peerCredentials).toEqual(theirs.peerCredentials);
    expect(stream.peerCredentials).toMatchObject({ uid: process.getuid?.() });
    await stream.close();
    expect(stream.peerCredentials).toBeNull();
  });

  test('that is none is refused and left alone', () => {
    const [reader] = pipe();
    expect(() => Socket.fromFd(reader)).toThrow(error({ code: 'ENOTSOCK' }));
    expect(isOpen(reader)).toBe(true);
    expect(() => Socket.fromFd(1_000_000)).toThrow(error({ code: 'EBADF' }));
  });
});

describe.each([
  ['datagrams', SOCK_DGRAM],
  ['sequenced packets', SOCK_SEQPACKET],
])('a Unix socket of %s', (_, type) => {
  const test_ = process.platform === 'darwin' && type === SOCK_SEQPACKET ? test.skip : test;

  test_('keeps messages apart, empty ones too', async () => {
    const [ours, theirs] = pairOf(type);
    await Promise.all([ours.send('one'), ours.send(''), ours.send('three')]);
    expect(await text(theirs)).toBe('one');
    expect(await text(theirs)).toBe('');
    expect(await text(theirs)).toBe('three');
  });

  test_('says that a message was longer than the buffer', async () => {
    const [ours, theirs] = pairOf(type);
    await ours.send('longer');
    const buffer = Buffer.alloc(4);
    const message = await theirs.receiveFrom(buffer);
    expect(message).toMatchObject({ length: 4, truncated: true });
    expect(buffer.toString()).toBe('long');
    await ours.send('fits');
    expect(await theirs.receiveFrom(buffer)).toMatchObject({ length: 4, truncated: false });
  });

  test_('passes flags on', async () => {
    const [ours, theirs] = pairOf(type);
    await ours.send('peeked');
    const buffer = Buffer.alloc(16);
    expect(await theirs.receive(buffer, { flags: MSG_PEEK })).toBe(6);
    expect(await theirs.receive(buffer.subarray(0, 1), { flags: MSG_PEEK | MSG_TRUNC })).toBe(6);
    expect(await theirs.receive(buffer)).toBe(6);
  });

  test_('queues sends while the other queue is full, and keeps their order', async () => {
    const [ours, theirs] = pairOf(type);
    const [sent, waiting] = await fill(ours, Buffer.from([0]));
    expect(sent).toBeGreaterThan(0);
    const after = [1, 2, 3].map((i) => ours.send(Buffer.from([i])));
    const buffer = Buffer.alloc(8);
    for (let i = 0; i <= sent; i++) {
      await theirs.receive(buffer);
      expect(buffer[0]).toBe(0);
    }
    await waiting;
    for (const i of [1, 2, 3]) {
      await theirs.receive(buffer);
      expect(buffer[0]).toBe(i);
    }
    await Promise.all(after);
  });

  test_('survives a message that is too long', async () => {
    const [ours, theirs] = pairOf(type);
    ours.setOption('sendBuffer', 8192);
    const long = ours.send(Buffer.alloc(1_000_000));
    const short = ours.send('short');
    await expect(long).rejects.toMatchObject({ code: 'EMSGSIZE', syscall: 'sendmsg' });
    await short;
    expect(await text(theirs)).toBe('short');
  });
});

describe('a Unix datagram socket', () => {
  test('sends to paths, and says who sent', async () => {
    const [a, b] = ['a', 'b'].map((name) => {
      const socket = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
      socket.bind({ path: join(folder, name) });
      return socket;
    });
    expect(a.localAddress).toEqual({ path: join(folder, 'a') });
    await a.sendTo('to b', { path: join(folder, 'b') });
    const buffer = Buffer.alloc(16);
    const { length, address } = await b.receiveFrom(buffer);
    expect(buffer.toString('utf8', 0, length)).toBe('to b');
    expect(address).toEqual({ path: join(folder, 'a') });
    await expect(a.sendTo('', { path: join(folder, 'c') })).rejects.toMatchObject({
      code: 'ENOENT',
      address: join(folder, 'c'),
    });
    const taken = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
    expect(() => taken.bind({ path: join(folder, 'a') })).toThrow(
      error({ code: 'EADDRINUSE', syscall: 'bind', address: join(folder, 'a') }),
    );
  });

  test('rejects rather than waits when the queue of an address is full', async () => {
    const path = join(folder, 'full');
    const full = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
    full.bind({ path });
    const socket = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
    let sent = 0;
    const code = await (async () => {
      for (;;) {
        await socket.sendTo('x', { path });
        sent++;
      }
    })().catch((reason: unknown) => (reason as { code: string }).code);
    expect(code).toBe(process.platform === 'linux' ? 'EAGAIN' : 'ENOBUFS');
    expect(sent).toBeGreaterThan(0);
    // It continues when there is room.
    await full.receive(Buffer.alloc(1));
    await socket.sendTo('x', { path });
  });

  test.runIf(process.platform === 'linux')(
    'that is connected waits for the queue of its peer',
    async () => {
      const path = join(folder, 'slow');
      const slow = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
      slow.bind({ path });
      const socket = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
      await socket.connect({ path });
      const [sent, waiting] = await fill(socket, Buffer.from('x'));
      for (let i = 0; i <= sent; i++) await slow.receive(Buffer.alloc(1));
      await waiting;
    },
  );

  test.runIf(process.platform === 'linux')(
    'whose peer takes nothing more sends to an address that does',
    async () => {
      const [full, empty] = ['full', 'empty'].map((name) => {
        const socket = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
        socket.bind({ path: join(folder, name) });
        return socket;
      });
      const socket = tracked(new Socket(AF_UNIX, SOCK_DGRAM));
      await socket.connect({ path: join(folder, 'full') });
      const abort = new AbortController();
      let sending: Promise<void>;
      do sending = socket.send('x', { signal: abort.signal });
      while ((await afterTurns(sending)) !== PENDING);
      abort.abort();
      await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
      await socket.sendTo('to you', { path: join(folder, 'empty') });
      expect(await text(empty)).toBe('to you');
      // For the peer it still waits.
      const waiting = socket.send('last');
      expect(await afterTurns(waiting)).toBe(PENDING);
      await full.receive(Buffer.alloc(1));
      await waiting;
    },
  );
});

describe('UDP', () => {
  test('tells that nobody listens once, and goes on', async () => {
    const socket = tracked(new Socket(AF_INET, SOCK_DGRAM));
    const peer = tracked(new Socket(AF_INET, SOCK_DGRAM));
    peer.bind({ address: '127.0.0.1', port: 0, family: 'IPv4' });
    const address = peer.localAddress ?? { path: '' };
    await socket.connect(address);
    const mine = socket.localAddress;
    peer.close();
    const receiving = socket.receive(Buffer.alloc(8));
    await socket.send('anybody?');
    await expect(receiving).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(socket.closed).toBe(false);
    const later = tracked(new Socket(AF_INET, SOCK_DGRAM));
    later.bind(address);
    await socket.send('again');
    const buffer = Buffer.alloc(8);
    expect(await later.receiveFrom(buffer)).toMatchObject({ length: 5, address: mine });
  });
});

describe('waiting', () => {
  test('one receive or accept may be under way', async () => {
    const [ours, theirs] = pairOf(SOCK_STREAM);
    const first = theirs.receive(Buffer.alloc(1));
    expect(await afterTurns(first)).toBe(PENDING);
    const busy = { code: 'ERR_BUSY' };
    await expect(theirs.receive(Buffer.alloc(1))).rejects.toMatchObject(busy);
    await expect(theirs.receiveMessage(Buffer.alloc(1))).rejects.toMatchObject(busy);
    await expect(theirs.accept()).rejects.toMatchObject(busy);
    await ours.send('x');
    expect(await first).toBe(1);
  });

  test('aborting has no effect on what comes', async () => {
    const [ours, theirs] = pairOf(SOCK_DGRAM);
    const abort = new AbortController();
    const buffer = Buffer.alloc(4);
    const aborted = theirs.receive(buffer, { signal: abort.signal });
    expect(await afterTurns(aborted)).toBe(PENDING);
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(theirs.receive(buffer, { signal: abort.signal })).rejects.toThrow('enough');
    await ours.send('next');
    expect(await text(theirs)).toBe('next');
    expect(buffer).toEqual(Buffer.alloc(4));
  });

  test('aborting takes a send out of the queue, and the others go out', async () => {
    const [ours, theirs] = pairOf(SOCK_DGRAM);
    const [sent, waiting] = await fill(ours, Buffer.from('x'));
    const abort = new AbortController();
    const aborted = ours.send('never', { signal: abort.signal });
    const last = ours.send('last');
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    for (let i = 0; i <= sent; i++) expect(await text(theirs)).toBe('x');
    await waiting;
    await last;
    expect(await text(theirs)).toBe('last');
  });

  test('aborting does not cut off a send of which a part has gone', async () => {
    const [ours, theirs] = pairOf(SOCK_STREAM);
    const bytes = pattern(2_000_000);
    const abort = new AbortController();
    const sending = ours.send(bytes, { signal: abort.signal });
    expect(await afterTurns(sending)).toBe(PENDING);
    abort.abort();
    const received = Buffer.alloc(bytes.length);
    for (let offset = 0; offset < received.length;) {
      offset += await theirs.receive(received.subarray(offset));
    }
    await sending;
    expect(received.equals(bytes)).toBe(true);
  });

  test('closing rejects whatever is under way', async () => {
    const [ours] = pairOf(SOCK_DGRAM);
    const [, sending] = await fill(ours, Buffer.from('x'));
    const receiving = ours.receive(Buffer.alloc(1));
    ours.close();
    ours.close();
    await expect(sending).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(receiving).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(ours).toMatchObject({ fd: -1, closed: true, localAddress: null, remoteAddress: null });
    expect(ours.peerCredentials).toBeNull();
    const closed = { code: 'ERR_CLOSED', message: 'The socket is closed' };
    await expect(ours.send('x')).rejects.toMatchObject(closed);
    await expect(ours.receive(Buffer.alloc(1))).rejects.toMatchObject(closed);
    await expect(ours.connect({ path: 'x' })).rejects.toMatchObject(closed);
    await expect(ours.accept()).rejects.toMatchObject(closed);
    expect(() => ours.bind({ path: 'x' })).toThrow(error(closed));
    expect(() => ours.listen()).toThrow(error(closed));
    expect(() => ours.shutdown(SHUT_RDWR)).toThrow(error(closed));
    expect(() => ours.getOption('sendBuffer')).toThrow(error(closed));
  });

  test('a buffer that is given away meanwhile is told, and no message is lost', async () => {
    const [ours, theirs] = pairOf(SOCK_DGRAM);
    const gone = new Uint8Array(8);
    const receiving = theirs.receive(gone);
    expect(await afterTurns(receiving)).toBe(PENDING);
    structuredClone(gone, { transfer: [gone.buffer] });
    await ours.send('kept');
    await expect(receiving).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(await text(theirs)).toBe('kept');

    const [sent, waiting] = await fill(ours, Buffer.from('x'));
    const bytes = new Uint8Array(8);
    const sending = ours.send(bytes);
    const last = ours.send('last');
    structuredClone(bytes, { transfer: [bytes.buffer] });
    const rejected = expect(sending).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    for (let i = 0; i <= sent; i++) expect(await text(theirs)).toBe('x');
    await Promise.all([waiting, rejected, last]);
    expect(await text(theirs)).toBe('last');
  });
});

describe('the process', () => {
  test('ends when nobody waits, or what waits was told not to keep it', async () => {
    const outcome = await inChild(({ socket }) => {
      const [ours, theirs] = socket.Socket.pair();
      // Waits for ever; the end of the process rejects no promise.
      void theirs.unref().receive(Buffer.alloc(1));
      void ours
        .unref()
        .accept()
        .catch(() => undefined);
    });
    expect(outcome).toMatchObject({ code: 0, late: false, stderr: '' });
  });

  test('goes on while something is under way', async () => {
    const outcome = await inChild(({ socket, threads }) => {
      const [ours, theirs] = socket.Socket.pair();
      const buffer = Buffer.alloc(8);
      // The sender is a thread that does not keep the process alive.
      const source = `
        const { Socket } = require('iomux/socket');
        Socket.fromFd(${ours.detach()}).send('late');`;
      new threads.Worker(source, { eval: true }).unref();
      return theirs.unref().ref().receive(buffer);
    });
    expect(outcome).toMatchObject({ code: 0, late: false, result: 4 });
  });

  test('survives a Worker that is terminated while it waits', async () => {
    const { code, result } = await inChild(
      async ({ startWorker, openDescriptors: open, threads }) => {
        await new threads.Worker('0', { eval: true }).terminate();
        const before = open();
        const worker = startWorker(({ socket }) => {
          const [ours, theirs] = socket.Socket.pair();
          void theirs.receive(Buffer.alloc(1));
          void ours.send(Buffer.alloc(10_000_000));
          void ours.send('behind it');
          return 'waiting';
        });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
        return open() - before;
      },
    );
    expect({ code, result }).toEqual({ code: 0, result: 0 });
  });
});

describe('misuse of a socket', () => {
  const address = { path: '/tmp/x' };
  const cases: [string, (socket: Socket) => Promise<unknown>, string][] = [
    ['a number for bytes', (s) => s.send(1 as never), 'ERR_INVALID_ARG_TYPE'],
    ['no address', (s) => s.sendTo('x', null as never), 'ERR_INVALID_ARG_TYPE'],
    ['a forgotten address', (s) => s.sendTo('x', undefined as never), 'ERR_INVALID_ARG_TYPE'],
    [
      'a path that is too long',
      (s) => s.connect({ path: 'x'.repeat(200) }),
      'ERR_INVALID_ARG_VALUE',
    ],
    ['no buffer', (s) => s.receive(undefined as never), 'ERR_INVALID_ARG_TYPE'],
    ['an empty buffer', (s) => s.receive(Buffer.alloc(0)), 'ERR_INVALID_ARG_VALUE'],
    ['negative flags', (s) => s.send('x', { flags: -1 }), 'ERR_OUT_OF_RANGE'],
    [
      'a flag that is not here',
      (s) => s.receive(Buffer.alloc(1), { flags: undefined }),
      'ERR_UNSUPPORTED_PLATFORM',
    ],
    [
      'a signal that is none',
      (s) => s.connect(address, { signal: 1 as never }),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'too many descriptors to take',
      (s) => s.receiveMessage(Buffer.alloc(1), { maxDescriptors: 254 }),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'too many descriptors',
      (s) => s.sendMessage('x', { descriptors: Array.from({ length: 254 }, () => 0) }),
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'descriptors that are none',
      (s) => s.sendMessage('x', { descriptors: ['0' as never] }),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'descriptors that are one',
      (s) => s.sendMessage('x', { descriptors: 0 as never }),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'descriptors and no bytes',
      (s) => s.sendMessage('', { descriptors: [0] }),
      'ERR_INVALID_ARG_VALUE',
    ],
    [
      'what goes along and is no bytes',
      (s) => s.sendMessage('x', { control: [{ level: 1, type: 1, data: 'x' as never }] }),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'what goes along and is too long',
      (s) => s.sendMessage('x', { control: [{ level: 1, type: 1, data: Buffer.alloc(4096) }] }),
      'ERR_INVALID_ARG_VALUE',
    ],
  ];
  test.each(cases)('%s is refused, and nothing is sent', async (_, use, code) => {
    const [ours, theirs] = pairOf(SOCK_STREAM);
    await expect(use(ours)).rejects.toMatchObject({ code });
    await expect(
      theirs.receive(Buffer.alloc(1), { flags: MSG_DONTWAIT, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    ours.shutdown(SHUT_WR);
    expect(await theirs.receive(Buffer.alloc(1))).toBe(0);
  });

  test('of an address is told by the name that it has there', async () => {
    const [ours] = pairOf(SOCK_STREAM);
    const wrong = { address: 1 } as never;
    await expect(ours.sendTo('x', wrong)).rejects.toThrow('The "address.address" property');
    await expect(ours.sendMessage('x', { to: wrong })).rejects.toThrow('The "options.to.address"');
  });

  test('of the constructor and of what is synchronous throws', () => {
    expect(() => new Socket('inet' as never, 1)).toThrow(error({ code: 'ERR_INVALID_ARG_TYPE' }));
    expect(() => new Socket({ fd: 0, type: 1 } as never, 1)).toThrow(
      error({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    expect(() => new Socket(null as never, 1)).toThrow(error({ code: 'ERR_INVALID_ARG_TYPE' }));
    expect(() => new Socket(AF_UNIX, undefined)).toThrow(
      error({ code: 'ERR_UNSUPPORTED_PLATFORM' }),
    );
    expect(() => new Socket(AF_UNIX, SOCK_STREAM, -1)).toThrow(error({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => new Socket(255, SOCK_STREAM)).toThrow(
      error({ code: 'EAFNOSUPPORT', syscall: 'socket' }),
    );
    expect(() => Socket.pair(AF_INET)).toThrow(error({ syscall: 'socketpair' }));
    expect(() => Socket.fromFd(-1)).toThrow(error({ code: 'ERR_OUT_OF_RANGE' }));
    const [ours] = pairOf(SOCK_STREAM);
    expect(() => ours.shutdown(3)).toThrow(error({ code: 'ERR_OUT_OF_RANGE' }));
    expect(() => ours.listen(-1)).toThrow(error({ code: 'ERR_OUT_OF_RANGE' }));
  });
});
