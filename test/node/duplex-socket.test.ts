import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, Stream } from '../../lib/net';
import { toDuplex } from '../../lib/node';
import { fromNode, pattern } from '../io/peers';
import { temporary, tracked } from '../support/opened';
import { descriptors } from '../support/descriptors';
import { bytesOf, closed, recorded, subjects } from './duplex';

/** Resolves when `timeout` is emitted. */
async function idleFor(duplex: {
  once(event: 'timeout', tell: () => void): unknown;
}): Promise<void> {
  await new Promise<void>((resolve) => duplex.once('timeout', resolve));
}

describe.each(subjects)('$name', ({ open }) => {
  test('says where it is and where its peer is, also when it has been destroyed', async () => {
    const { duplex, peer } = await open();
    const expected = {
      localAddress: '127.0.0.1',
      localPort: peer.remotePort,
      localFamily: 'IPv4',
      remoteAddress: '127.0.0.1',
      remotePort: peer.localPort,
      remoteFamily: 'IPv4',
    };
    expect(duplex).toMatchObject(expected);
    expect(duplex.address()).toEqual({
      address: '127.0.0.1',
      port: peer.remotePort,
      family: 'IPv4',
    });
    duplex.destroy();
    const { remoteAddress, remotePort, remoteFamily } = expected;
    expect(duplex).toMatchObject({ remoteAddress, remotePort, remoteFamily });
  });

  test('is a connection that is open, and pending again when it is destroyed', async () => {
    const { duplex } = await open();
    expect(duplex).toMatchObject({
      connecting: false,
      pending: false,
      readyState: 'open',
      destroyed: false,
    });
    expect(duplex.timeout).toBeUndefined();
    duplex.destroy();
    expect(duplex).toMatchObject({ connecting: false, pending: true, readyState: 'closed' });
  });

  test('has methods that can be chained, and take what net.Socket takes', async () => {
    const { duplex } = await open();
    const same = duplex.setNoDelay().setNoDelay(false).setKeepAlive().setKeepAlive(true, 1500);
    expect(same.setTimeout(0).ref().unref().pause().resume()).toBe(duplex);
    const odd = duplex.setNoDelay(0 as never).setKeepAlive(1 as never, '1500' as never);
    expect(odd.setKeepAlive(true, 1e9)).toBe(duplex);
    duplex.destroy();
    expect(duplex.setNoDelay(true).setKeepAlive(true, 1).setTimeout(1).ref()).toBe(duplex);
  });

  test('says that nothing has happened for a time, once, and not too early', async () => {
    const { duplex, peer } = await open();
    const events = recorded(duplex, 'timeout', 'close');
    const begun = performance.now();
    expect(duplex.setTimeout(50).timeout).toBe(50);
    await idleFor(duplex);
    // Timers of Node are up to a millisecond early.
    expect(performance.now() - begun).toBeGreaterThan(48);
    await idleFor(peer.setTimeout(150));
    expect(events).toEqual(['timeout']);
    expect(duplex.destroyed).toBe(false);
  });

  test('does not say so any more when it has been told 0, or has closed', async () => {
    const { duplex, peer } = await open();
    const events = recorded(duplex, 'timeout');
    const callback = (): void => void events.push('callback');
    duplex.setTimeout(20, callback).setTimeout(0, callback);
    expect(duplex.listenerCount('timeout')).toBe(1);
    await idleFor(peer.setTimeout(60));
    duplex.setTimeout(20, callback);
    await idleFor(peer.setTimeout(60));
    expect(events).toEqual(['timeout', 'callback']);
    duplex.setTimeout(20);
    duplex.destroy();
    await idleFor(tracked(new Socket()).setTimeout(60));
    expect(events).toHaveLength(2);
  });

  test('refuses a time that is none', async () => {
    const { duplex } = await open();
    for (const wrong of ['100', null, {}, true]) {
      expect(() => duplex.setTimeout(wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
      );
    }
    for (const wrong of [-1, NaN, Infinity]) {
      expect(() => duplex.setTimeout(wrong)).toThrow(
        expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
      );
    }
    expect(() => duplex.setTimeout(1, 'callback' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});

describe('toDuplex', () => {
  test('sets the options of its socket', async () => {
    const { stream } = await fromNode();
    const duplex = tracked(toDuplex(stream));
    duplex.setNoDelay(false);
    expect(stream.getOption('noDelay')).toBe(false);
    duplex.setNoDelay();
    expect(stream.getOption('noDelay')).toBe(true);
    duplex.setKeepAlive(true, 61_900);
    expect(stream.getOption('keepAlive')).toEqual({ idle: 61_000, interval: 1000, count: 10 });
    duplex.setKeepAlive(true);
    expect(stream.getOption('keepAlive')).toMatchObject({ idle: 61_000 });
    duplex.setKeepAlive();
    expect(stream.getOption('keepAlive')).toBe(false);
  });

  test('is a Unix socket that has no ports', async () => {
    const path = temporary('server.sock');
    const server = tracked(createServer({ allowHalfOpen: true }));
    server.listen(path);
    await once(server, 'listening');
    const [stream, [peer]] = (await Promise.all([
      connect({ path }),
      once(server, 'connection'),
    ])) as [Stream, [Socket]];
    tracked(peer);
    const duplex = tracked(toDuplex(stream));
    expect(duplex.setNoDelay().setKeepAlive(true, 1000)).toBe(duplex);
    expect(duplex).toMatchObject({ remoteAddress: undefined, localPort: undefined });
    expect(duplex.address()).toEqual({});
    expect(() => duplex.resetAndDestroy()).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_HANDLE_TYPE' }),
    );
    peer.pipe(peer);
    const bytes = pattern(2 << 20);
    const received = bytesOf(duplex, bytes.length);
    duplex.end(bytes);
    expect((await received).equals(bytes)).toBe(true);
    await closed(duplex);
  });

  test('is either end of a pipe, and ends the writing one by closing it', async () => {
    const [reader, writer] = descriptors.pipe().map((fd) => tracked(toDuplex(Stream.fromFd(fd))));
    expect(writer).toMatchObject({ readable: false, writable: true, readyState: 'writeOnly' });
    const closing = [closed(reader), closed(writer)];
    const received = bytesOf(reader, 5);
    writer.end('hello');
    expect(String(await received)).toBe('hello');
    await Promise.all(closing);
    expect([reader.errored, writer.errored]).toEqual([null, null]);
  });

  test('is a terminal, which has no end that could be sent', async () => {
    const [master, slave] = descriptors.pty(true);
    const terminal = tracked(toDuplex(Stream.fromFd(slave)));
    const shell = tracked(toDuplex(Stream.fromFd(master)));
    const received = bytesOf(shell, 5);
    const finished = once(terminal, 'finish');
    terminal.end('hello');
    expect(String(await received)).toBe('hello');
    await finished;
    const answered = bytesOf(terminal, 6);
    shell.write('answer');
    expect(String(await answered)).toBe('answer');
  });

  test('goes on to the end behind urgent data, which it does not deliver', async () => {
    const { stream, socket } = await fromNode();
    const duplex = tracked(toDuplex(stream));
    duplex.resume();
    descriptors.sendUrgent((socket as unknown as { _handle: { fd: number } })._handle.fd);
    const closing = closed(duplex);
    socket.end();
    await closing;
    expect(duplex.errored).toBe(null);
  });
});
