import { readSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { READABLE, type Registration } from '../../lib/index';
import { pipe } from '../support/descriptors';
import { delivered, perTest, turn } from './turns';

const given = perTest();

function readOne(fd: number): void {
  readSync(fd, Buffer.alloc(1));
}

describe('in one batch', () => {
  afterEach(() => {
    process.setUncaughtExceptionCaptureCallback(null);
  });

  test('a callback that throws is an uncaught exception, and the rest goes on', async () => {
    const { reactor } = given;
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const errors: (Error | undefined)[] = [new Error('one'), new Error('two')];
    const pipes = [pipe(), pipe(), pipe()];
    const called: number[] = [];
    pipes.forEach(([reader], i) => {
      const registration = reactor.register(reader, READABLE, () => {
        called.push(i);
        registration.close();
        if (errors[i] !== undefined) throw errors[i];
      });
    });
    for (const [, writer] of pipes) writeSync(writer, 'x');
    await delivered(reactor);
    await turn();
    expect(called).toEqual([0, 1, 2]);
    expect(uncaught.mock.calls.map(([error]) => error as unknown)).toEqual(errors);
  });

  test('a callback that throws leaves the others of its own descriptor called', async () => {
    const { reactor } = given;
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    const [reader, writer] = pipe();
    const failing = reactor.register(reader, READABLE, () => {
      failing.close();
      throw new Error('on purpose');
    });
    const waiting = reactor.readable(reader);
    let calls = 0;
    const other = reactor.register(reader, READABLE, () => {
      calls++;
      other.close();
    });
    writeSync(writer, 'x');
    await waiting;
    await turn();
    expect(calls).toBe(1);
    expect(uncaught).toHaveBeenCalledTimes(1);
  });

  test('a callback that closes another registration keeps it from being called', async () => {
    const { reactor } = given;
    const pipes = [pipe(), pipe()];
    const called: number[] = [];
    const registrations: Registration[] = pipes.map(([reader], i) =>
      reactor.register(reader, READABLE, () => {
        called.push(i);
        for (const registration of registrations) registration.close();
      }),
    );
    for (const [, writer] of pipes) writeSync(writer, 'x');
    await delivered(reactor);
    expect(called).toEqual([0]);
    expect(reactor.statistics()).toMatchObject({ registrations: 0, armed: 0 });
  });

  test('a callback that closes itself and registers anew is called anew', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const called: string[] = [];
    const first = reactor.register(reader, READABLE, () => {
      called.push('first');
      first.close();
      const second = reactor.register(reader, READABLE, () => {
        called.push('second');
        second.close();
      });
    });
    writeSync(writer, 'x');
    await delivered(reactor);
    await delivered(reactor);
    expect(called).toEqual(['first', 'second']);
  });

  test('a registration that a callback adds is not called for the same event', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const called: string[] = [];
    const first = reactor.register(reader, READABLE, () => {
      called.push('first');
      readOne(reader);
      reactor.register(reader, READABLE, () => called.push('second'));
    });
    writeSync(writer, 'x');
    await delivered(reactor);
    await delivered(reactor);
    expect(called).toEqual(['first']);
    first.close();
  });

  test('a callback that closes the reactor keeps everything else from being called', async () => {
    const { reactor } = given;
    const pipes = [pipe(), pipe()];
    const called: number[] = [];
    pipes.forEach(([reader], i) => {
      reactor.register(reader, READABLE, () => {
        called.push(i);
        reactor.close();
      });
    });
    const [idle] = pipe();
    const waiting = reactor.readable(idle);
    for (const [, writer] of pipes) writeSync(writer, 'x');
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await turn();
    expect(called).toEqual([0]);
  });
});
