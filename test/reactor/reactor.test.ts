import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as iomux from '../../lib/index';
import { READABLE, Reactor, WRITABLE } from '../../lib/index';
import { close, pipe, socketPair } from '../support/descriptors';
import { delivered, isSettled, perTest } from './turns';

const given = perTest();

describe('a reactor', () => {
  test('opens nothing before the first wait', async () => {
    const { reactor } = given;
    expect(reactor.fd).toBe(-1);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
    const [reader] = pipe();
    const waiting = reactor.readable(reader);
    expect(reactor.fd).toBeGreaterThanOrEqual(0);
    reactor.notifyClosing(reader);
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('counts who waits, what is armed and what is registered', async () => {
    const { reactor } = given;
    const [ours] = socketPair();
    const [reader] = pipe();
    const waiting = [reactor.readable(ours), reactor.readable(ours), reactor.readable(reader)];
    const registration = reactor.register(reader, READABLE, () => undefined);
    expect(reactor.statistics()).toEqual({
      backend: process.platform === 'linux' ? 'epoll' : 'kqueue',
      driver: process.env['IOMUX_DRIVER'],
      waiting: 3,
      armed: 2,
      registrations: 1,
    });
    registration.close();
    reactor.notifyClosing(ours);
    reactor.notifyClosing(reader);
    await Promise.allSettled(waiting);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
  });

  test('shares nothing with another one, not even a descriptor that both watch', async () => {
    const { reactor } = given;
    const other = new Reactor();
    const [reader, writer] = pipe();
    const ours = reactor.readable(reader);
    const theirs = other.readable(reader);
    reactor.notifyClosing(reader);
    await expect(ours).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(await isSettled(theirs)).toBe(false);
    writeSync(writer, 'x');
    await theirs;
    await reactor.readable(reader);
    other.close();
    await reactor.readable(reader);
  });

  test('survives the descriptors that it watches being closed all at once', async () => {
    const { reactor } = given;
    const pipes = Array.from({ length: 50 }, () => pipe());
    const waiting = Promise.allSettled(pipes.map(([reader]) => reactor.readable(reader)));
    for (const [reader, writer] of pipes) {
      writeSync(writer, 'x');
      close(reader);
    }
    await delivered(reactor);
    for (const [reader] of pipes) reactor.notifyClosing(reader);
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0 });
    for (const { status } of await waiting) expect(status).toBe('rejected');
  });
});

describe('close', () => {
  test('rejects all who wait and closes the registrations, not the descriptors', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const waiting = reactor.readable(reader);
    const next = reactor.watch(reader, READABLE).next();
    const registration = reactor.register(reader, READABLE, () => undefined);
    reactor.close();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(next).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(registration.closed).toBe(true);
    expect(reactor).toMatchObject({ closed: true, fd: -1 });
    expect(reactor.statistics()).toMatchObject({ waiting: 0, armed: 0, registrations: 0 });
    writeSync(writer, 'x');
    await iomux.readable(reader);
    iomux.notifyClosing(reader);
  });

  test('twice does nothing, and everything afterwards is ERR_CLOSED', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    await delivered(reactor);
    reactor[Symbol.dispose]();
    reactor.close();
    const closed = { code: 'ERR_CLOSED' };
    await expect(reactor.readable(reader)).rejects.toMatchObject(closed);
    await expect(reactor.writable(reader)).rejects.toMatchObject(closed);
    await expect(reactor.priority(reader)).rejects.toMatchObject(closed);
    await expect(reactor.ready(reader, READABLE)).rejects.toMatchObject(closed);
    const thrown = expect.objectContaining(closed) as Error;
    expect(() => reactor.register(reader, READABLE, () => undefined)).toThrow(thrown);
    expect(() => reactor.watch(reader, READABLE)).toThrow(thrown);
    reactor.notifyClosing(reader);
  });

  test('of one that was never used leaves it as closed as any other', async () => {
    const { reactor } = given;
    const [reader] = pipe();
    reactor.close();
    await expect(reactor.readable(reader)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('among promises that one event has settled leaves them settled', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const first = reactor.readable(reader).then(() => {
      reactor.close();
    });
    const second = reactor.readable(reader);
    writeSync(writer, 'x');
    await Promise.all([first, second]);
  });
});

describe('the functions of the package', () => {
  test('use the reactor of the thread', async () => {
    const [ours, theirs] = socketPair();
    const before = iomux.reactor.statistics();
    const waiting = iomux.readable(ours);
    expect(iomux.reactor.statistics().waiting).toBe(before.waiting + 1);
    await iomux.writable(ours);
    expect(await iomux.ready(ours, WRITABLE)).toMatchObject({ writable: true });
    const never = iomux.priority(ours);
    const registration = iomux.register(ours, READABLE, () => undefined);
    expect(iomux.reactor.statistics().registrations).toBe(before.registrations + 1);
    writeSync(theirs, 'x');
    await waiting;
    for await (const { readable } of iomux.watch(ours, READABLE)) {
      expect(readable).toBe(true);
      break;
    }
    iomux.notifyClosing(ours);
    await expect(never).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(registration.closed).toBe(true);
    expect(iomux.reactor.statistics().waiting).toBe(before.waiting);
  });
});
