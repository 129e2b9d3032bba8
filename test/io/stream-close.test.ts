import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { reactor, READABLE, readable, register, writable } from '../../lib/index';
import { descriptors, openDescriptors, takeNumber } from '../support/descriptors';
import { inChild } from '../support/child';
import { pair, pattern, readAll, readBytes, toNode } from './peers';

const closed = { code: 'ERR_CLOSED' };

describe('close', () => {
  test('hands over what was written before, and then ends the stream', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(8 << 20);
    const writing = ours.write(bytes);
    const closing = ours.close();
    const received = await readAll(theirs);
    await Promise.all([writing, closing]);
    expect(received.equals(bytes)).toBe(true);
    expect(ours).toMatchObject({ closed: true, fd: -1, bytesWritten: bytes.length });
  });

  test('rejects a read that is under way, at once, and every call that comes later', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(10));
    const writing = ours.write(Buffer.alloc(8 << 20));
    const closing = ours.close();
    await expect(reading).rejects.toMatchObject(closed);
    // The descriptor is open still, for what was written before.
    expect(ours.closed).toBe(false);
    await expect(ours.read(Buffer.alloc(10))).rejects.toMatchObject(closed);
    await expect(ours.write('x')).rejects.toMatchObject(closed);
    await expect(ours.shutdown()).rejects.toMatchObject(closed);
    expect(() => ours.tryRead(Buffer.alloc(10))).toThrow(expect.objectContaining(closed));
    expect(() => ours.tryWrite('x')).toThrow(expect.objectContaining(closed));
    expect(await readAll(theirs)).toHaveLength(8 << 20);
    await Promise.all([writing, closing]);
    await expect(ours.read(Buffer.alloc(10))).rejects.toMatchObject(closed);
  });

  test('closes the descriptor before it returns when nothing is left to be written', async () => {
    const { ours } = await pair();
    await ours.write('all of it');
    const closing = ours.close();
    expect(ours).toMatchObject({ closed: true, fd: -1 });
    await closing;
  });

  test('twice does nothing, and the second one waits like the first', async () => {
    const { ours, theirs } = await pair();
    const writing = ours.write(Buffer.alloc(8 << 20));
    void ours.close();
    const closing = ours.close();
    const received = readAll(theirs);
    await closing;
    expect(ours.closed).toBe(true);
    await ours.close();
    await writing;
    expect(await received).toHaveLength(8 << 20);
  });

  test('gives the descriptor back', async () => {
    const { ours, theirs } = await pair();
    const before = openDescriptors().length;
    await ours.close();
    theirs.destroy();
    expect(openDescriptors()).toHaveLength(before - 2);
  });

  test('resolves although what was written before fails, whose write is told', async () => {
    const { ours, theirs } = await pair();
    const writing = ours.write(Buffer.alloc(8 << 20));
    const closing = ours.close();
    await readable(theirs);
    theirs.destroy();
    await expect(writing).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string,
    });
    await closing;
    expect(ours.closed).toBe(true);
  });

  test('loses nothing of what was written when the input was read to its end before', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(8 << 20);
    await theirs.write('more than is read');
    await readable(ours);
    const closing = (async (): Promise<void> => {
      await ours.write(bytes);
      await ours.shutdown();
      await ours.readAll({ limit: 100 });
      await ours.close();
    })();
    expect((await readAll(theirs)).equals(bytes)).toBe(true);
    await theirs.close();
    await closing;
  });

  test('is what `await using` does', async () => {
    const { ours, theirs } = await pair();
    await ours.write('x');
    await ours[Symbol.asyncDispose]();
    expect(ours.closed).toBe(true);
    expect((await readAll(theirs)).toString()).toBe('x');
  });

  test('rejects who waits for the stream with the reactor, whether or not it has waited itself', async () => {
    for (const hasWaited of [false, true]) {
      const { ours, theirs } = await pair();
      if (hasWaited) {
        const reading = ours.read(Buffer.alloc(1));
        await theirs.write('x');
        await reading;
      }
      const waiting = [readable(ours), reactor.priority(ours)];
      await ours.close();
      for (const promise of waiting) await expect(promise).rejects.toMatchObject(closed);
      await expect(readable(ours)).rejects.toMatchObject(closed);
    }
  });

  test('leaves the number free for anybody’s descriptor, which is level-triggered again', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    await theirs.write('x');
    await reading;
    const number = ours.fd;
    const [reader, writer] = descriptors.pipe();
    await ours.close();
    const { armed } = reactor.statistics();
    try {
      takeNumber(reader, number);
      writeSync(writer, 'x');
      await readable(number);
      // The next event, with nobody waiting, removes it from the set.
      await writable(writer);
      reactor.notifyClosing(writer);
      expect(reactor.statistics().armed).toBe(armed);
      let calls = 0;
      const registration = register(number, READABLE, () => {
        if (++calls === 2) registration.close();
      });
      while (calls < 2) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      reactor.notifyClosing(number);
      for (const fd of [reader, writer, number]) descriptors.close(fd);
    }
  });
});

// Other systems reset the connection when more arrives.
describe.runIf(process.platform === 'linux')('close with input that nobody has read', () => {
  test('resets the connection', async () => {
    const { ours, theirs } = await pair();
    await theirs.write('more than is read');
    await readable(ours);
    await ours.write('answer');
    await ours.close();
    await expect(readAll(theirs)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('destroy', () => {
  test('rejects all that is under way with its reason', async () => {
    const { ours } = await pair();
    const reason = new Error('enough');
    const underWay = [
      ours.read(Buffer.alloc(1)),
      ours.write(Buffer.alloc(8 << 20)),
      ours.write('behind'),
    ];
    ours.destroy(reason);
    expect(ours.closed).toBe(true);
    for (const promise of underWay) await expect(promise).rejects.toBe(reason);
    await expect(ours.read(Buffer.alloc(1))).rejects.toMatchObject(closed);
  });

  test('without a reason is ERR_CLOSED, also for a close that waits', async () => {
    const { ours } = await pair();
    const writing = ours.write(Buffer.alloc(8 << 20));
    const closing = ours.close();
    ours.destroy();
    ours.destroy(new Error('too late'));
    await expect(writing).rejects.toMatchObject(closed);
    await closing;
  });

  test('rejects a shutdown that waits', async () => {
    const { ours } = await pair();
    const writing = ours.write(Buffer.alloc(8 << 20));
    const ending = ours.shutdown();
    ours.destroy();
    await expect(writing).rejects.toMatchObject(closed);
    await expect(ending).rejects.toMatchObject(closed);
  });

  test('in the turn in which data comes leaves the read rejected', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    await theirs.write('x');
    ours.destroy();
    await expect(reading).rejects.toMatchObject(closed);
  });
});

describe('shutdown', () => {
  test('ends one direction, after all that was written, and leaves the other', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(4 << 20);
    const writing = ours.write(bytes);
    const ending = ours.shutdown();
    expect((await readAll(theirs)).equals(bytes)).toBe(true);
    await Promise.all([writing, ending]);
    await theirs.write('still here');
    expect((await readBytes(ours, 10)).toString()).toBe('still here');
    await expect(ours.write('x')).rejects.toMatchObject({ code: 'EPIPE', syscall: 'send' });
    await theirs.close();
    expect(await ours.read(Buffer.alloc(1))).toBe(0);
  });

  test('lets nothing behind the end: what is written after it is EPIPE, and not sent', async () => {
    const { ours, theirs } = await pair();
    const bytes = pattern(4 << 20);
    const writing = ours.write(bytes);
    const ending = ours.shutdown();
    const refused = { code: 'EPIPE', syscall: 'send' };
    await expect(ours.write('late')).rejects.toMatchObject(refused);
    await expect(ours.writev(['late'])).rejects.toMatchObject(refused);
    await expect(theirs.pipeTo(ours)).rejects.toMatchObject(refused);
    expect(() => ours.tryWrite('late')).toThrow(expect.objectContaining(refused));
    expect((await readAll(theirs)).equals(bytes)).toBe(true);
    await Promise.all([writing, ending]);
  });

  test('may be followed by a close at once', async () => {
    const { ours, theirs } = await pair();
    const underWay = [ours.write(Buffer.alloc(4 << 20)), ours.shutdown(), ours.close()];
    expect(await readAll(theirs)).toHaveLength(4 << 20);
    await Promise.all(underWay);
    await expect(ours.shutdown()).rejects.toMatchObject(closed);
  });

  test('with nothing to wait for has been sent when it returns, and may be followed by anything', async () => {
    for (const end of ['close', 'destroy'] as const) {
      const { ours, theirs } = await pair();
      await Promise.all([ours.shutdown(), ours[end]()]);
      expect(await readAll(theirs)).toHaveLength(0);
    }
  });

  test('twice is once, also when the other direction has ended', async () => {
    const { ours, theirs } = await pair();
    for (const stream of [ours, theirs]) await stream.shutdown();
    for (const stream of [ours, theirs]) expect(await readAll(stream)).toHaveLength(0);
    for (const stream of [ours, theirs]) await stream.shutdown();
  });

  test('is ERR_CLOSED when the stream is destroyed as soon as its turn has come', async () => {
    const { ours, theirs } = await pair();
    const writing = ours.write(Buffer.alloc(8 << 20)).then(() => ours.destroy());
    const ending = ours.shutdown();
    const reading = readAll(theirs);
    await expect(ending).rejects.toMatchObject(closed);
    await writing;
    expect(await reading).toHaveLength(8 << 20);
  });

  test('is what node:net calls the end', async () => {
    const { stream, socket } = await toNode();
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.resume();
    await stream.shutdown();
    await ended;
    socket.end('answer');
    expect((await readAll(stream)).toString()).toBe('answer');
  });

  test('of a connection that was reset is ENOTCONN', async () => {
    const { ours, theirs } = await pair();
    const reading = ours.read(Buffer.alloc(1));
    descriptors.resetOnClose(theirs.fd);
    theirs.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(ours.shutdown()).rejects.toMatchObject({ code: 'ENOTCONN', syscall: 'shutdown' });
    expect(ours.remoteAddress).toBe(null);
  });
});

test('closing the reactor of the thread destroys its streams', async () => {
  const outcome = await inChild(async ({ iomux, net }) => {
    const listener = await net.listen({ host: '127.0.0.1', port: 0 });
    const port = listener.address.port;
    const [client, server] = await Promise.all([net.connect({ port }), listener.accept()]);
    const code = (error: { code?: string }): string | undefined => error.code;
    const reading = client.read(Buffer.alloc(1)).then(String, code);
    const accepting = listener.accept().then(String, code);
    iomux.reactor.close();
    const later = server.read(Buffer.alloc(1)).then(String, code);
    return [await reading, await accepting, await later, client.closed];
  });
  expect(outcome).toMatchObject({
    code: 0,
    stderr: '',
    // The other end has not waited, and so was not in the multiplexer.
    result: ['ERR_CLOSED', 'ERR_CLOSED', '0', true],
  });
});
