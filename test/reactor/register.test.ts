import { readSync, writeSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { ENOMEM } from '../../lib/errors';
import { READABLE, type Readiness, WRITABLE } from '../../lib/index';
import { native } from '../../lib/native';
import { close, pipe, socketPair, tcpPair } from '../support/descriptors';
import { delivered, isSettled, perTest, sleeps, turn } from './turns';

const given = perTest();

function readOne(fd: number): void {
  readSync(fd, Buffer.alloc(1));
}

describe('a level-triggered registration', () => {
  test('is called again and again while the descriptor is ready, and not otherwise', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    let calls = 0;
    const registration = reactor.register(reader, READABLE, () => {
      calls++;
      readOne(reader);
    });
    expect(registration).toMatchObject({ fd: reader, interest: READABLE, mode: 'level' });
    await delivered(reactor);
    expect(calls).toBe(0);
    writeSync(writer, 'abc');
    while (calls < 3) await turn();
    await delivered(reactor);
    expect(calls).toBe(3);
    expect(reactor.statistics()).toMatchObject({ registrations: 1, armed: 1 });
  });

  test('is told what is ready', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    const told = new Promise<Readiness>((resolve) => {
      const registration = reactor.register(ours, READABLE | WRITABLE, (readiness) => {
        registration.close();
        resolve(readiness);
      });
    });
    writeSync(theirs, 'x');
    expect(await told).toMatchObject({ readable: true, writable: true, hangup: false });
  });

  test('several share a descriptor, and are called in the order in which they came', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const called: number[] = [];
    const registrations = [1, 2, 3].map((n) =>
      reactor.register(reader, READABLE, () => {
        called.push(n);
        registrations[n - 1].close();
      }),
    );
    expect(reactor.statistics()).toMatchObject({ registrations: 3, armed: 1 });
    writeSync(writer, 'x');
    await delivered(reactor);
    expect(called).toEqual([1, 2, 3]);
    expect(reactor.statistics()).toMatchObject({ registrations: 0, armed: 0 });
  });

  test('shares the descriptor with promises: both are told', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    let calls = 0;
    const registration = reactor.register(reader, READABLE, () => {
      calls++;
      registration.close();
    });
    const waiting = reactor.readable(reader);
    writeSync(writer, 'x');
    await waiting;
    await delivered(reactor);
    expect(calls).toBe(1);
  });

  test('that is closed is not called for what was ready before', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    let calls = 0;
    const registration = reactor.register(reader, READABLE, () => calls++);
    writeSync(writer, 'x');
    registration.close();
    registration.close();
    await delivered(reactor);
    expect(calls).toBe(0);
    expect(registration).toMatchObject({ closed: true, fd: -1, interest: 0 });
  });
});

describe('an edge-triggered registration', () => {
  test('is called once for what arrives, and for what was there when it began', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    let calls = 0;
    reactor.register(reader, READABLE, () => calls++, { mode: 'edge' });
    await delivered(reactor);
    await delivered(reactor);
    expect(calls).toBe(1);
    writeSync(writer, 'x');
    await delivered(reactor);
    expect(calls).toBe(2);
  });

  test('shares the descriptor with promises, which look at what is there', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    let calls = 0;
    reactor.register(reader, READABLE, () => calls++, { mode: 'edge' });
    writeSync(writer, 'x');
    await delivered(reactor);
    expect(calls).toBe(1);
    // No further edge will come, but it is readable now, so the promise must resolve.
    await reactor.readable(reader);
    await reactor.readable(reader);
    readOne(reader);
    const waiting = reactor.readable(reader);
    expect(await isSettled(waiting)).toBe(false);
    const before = calls;
    writeSync(writer, 'x');
    await waiting;
    expect(calls).toBe(before + 1);
  });

  test('that is closed leaves a promise waiting, and nothing edge-triggered behind', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    const registration = reactor.register(reader, READABLE, () => undefined, { mode: 'edge' });
    const waiting = reactor.readable(reader);
    registration.close();
    expect(await isSettled(waiting)).toBe(false);
    writeSync(writer, 'x');
    await waiting;
    // Nobody waits: the next report disarms it, like any level-triggered descriptor.
    await delivered(reactor);
    expect(reactor.statistics().armed).toBe(0);
    // Now a level-triggered registration is possible.
    let calls = 0;
    reactor.register(reader, READABLE, () => calls++);
    await delivered(reactor);
    await delivered(reactor);
    expect(calls).toBeGreaterThan(1);
  });

  test('excludes a level-triggered one of the same descriptor, and the other way round', () => {
    const { reactor } = given;
    const [one] = pipe();
    const [other] = pipe();
    const noop = (): void => undefined;
    reactor.register(one, READABLE, noop, { mode: 'edge' });
    reactor.register(other, READABLE, noop);
    const busy = expect.objectContaining({ code: 'ERR_BUSY' });
    expect(() => reactor.register(one, READABLE, noop)).toThrow(busy);
    expect(() => reactor.register(one, READABLE, noop, { mode: 'oneshot' })).toThrow(busy);
    expect(() => reactor.register(other, READABLE, noop, { mode: 'edge' })).toThrow(busy);
    reactor.register(one, READABLE, noop, { mode: 'edge' });
    reactor.register(other, READABLE, noop, { mode: 'oneshot' });
    expect(reactor.statistics().registrations).toBe(4);
  });
});

describe('a oneshot registration', () => {
  test('is called once, and again after modify', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    let calls = 0;
    const registration = reactor.register(reader, READABLE, () => calls++, { mode: 'oneshot' });
    writeSync(writer, 'x');
    await delivered(reactor);
    await delivered(reactor);
    expect(calls).toBe(1);
    expect(registration).toMatchObject({ interest: 0, closed: false });
    expect(reactor.statistics()).toMatchObject({ registrations: 1, armed: 0 });
    registration.modify(READABLE);
    expect(registration.interest).toBe(READABLE);
    await delivered(reactor);
    await delivered(reactor);
    expect(calls).toBe(2);
  });

  test('that is spent does not spin on a hang-up, which epoll reports whatever the mask', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    let calls = 0;
    reactor.register(ours, READABLE, () => calls++, { mode: 'oneshot' });
    close(theirs);
    expect(await sleeps()).toBe(true);
    expect(calls).toBe(1);
    expect(reactor.statistics().armed).toBe(0);
  });

  test('leaves another one of the descriptor armed', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    const called: string[] = [];
    reactor.register(ours, WRITABLE, () => called.push('writer'), { mode: 'oneshot' });
    reactor.register(ours, READABLE, () => called.push('reader'), { mode: 'oneshot' });
    await delivered(reactor);
    await delivered(reactor);
    expect(called).toEqual(['writer']);
    writeSync(theirs, 'x');
    await delivered(reactor);
    await delivered(reactor);
    expect(called).toEqual(['writer', 'reader']);
  });

  test('that waits to write may be armed again in its own callback', async () => {
    const { reactor } = given;
    const [, writer] = pipe();
    let calls = 0;
    await new Promise<void>((resolve) => {
      const registration = reactor.register(
        writer,
        WRITABLE,
        () => {
          if (++calls === 3) resolve();
          else registration.modify(WRITABLE);
        },
        { mode: 'oneshot' },
      );
    });
    await delivered(reactor);
    expect(calls).toBe(3);
  });
});

describe('modify', () => {
  test('that fails changes nothing', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    const told: Readiness[] = [];
    const registration = reactor.register(ours, READABLE, (readiness) => {
      told.push(readiness);
      readOne(ours);
    });
    const call = native.backend === 'epoll' ? 'epollControl' : 'kqueueControl';
    vi.spyOn(native, call).mockReturnValueOnce(ENOMEM);
    expect(() => {
      registration.modify(WRITABLE);
    }).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
    vi.restoreAllMocks();
    expect(registration.interest).toBe(READABLE);
    writeSync(theirs, 'x');
    await reactor.readable(ours);
    expect(told).toMatchObject([{ readable: true }]);
  });

  test('changes what is waited for', async () => {
    const { reactor } = given;
    const [ours, theirs] = tcpPair();
    const told: Readiness[] = [];
    const registration = reactor.register(ours, READABLE, (readiness) => told.push(readiness));
    await delivered(reactor);
    expect(told).toHaveLength(0);
    registration.modify(WRITABLE);
    await delivered(reactor);
    expect(told[0]).toMatchObject({ writable: true, readable: false });
    registration.modify(READABLE);
    await delivered(reactor);
    told.length = 0;
    await delivered(reactor);
    expect(told).toHaveLength(0);
    writeSync(theirs, 'x');
    while (told.length === 0) await turn();
    expect(told[0]).toMatchObject({ readable: true });
  });

  test('in the callback has its effect for the next wake-up', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    const told: string[] = [];
    const registration = reactor.register(ours, READABLE, ({ readable }) => {
      told.push(readable && registration.interest === READABLE ? 'read' : 'write');
      if (told.length === 1) registration.modify(WRITABLE);
      else registration.close();
    });
    writeSync(theirs, 'x');
    while (!registration.closed) await turn();
    expect(told).toEqual(['read', 'write']);
  });

  test('of one that is closed is ERR_CLOSED, and of nonsense a RangeError without effect', () => {
    const { reactor } = given;
    const [reader] = pipe();
    const registration = reactor.register(reader, READABLE, () => undefined);
    expect(() => {
      registration.modify(0);
    }).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(registration.interest).toBe(READABLE);
    registration.close();
    expect(() => {
      registration.modify(READABLE);
    }).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });
});

describe('what is not right', () => {
  test('is refused before anything is registered', () => {
    const { reactor } = given;
    const [reader] = pipe();
    const noop = (): void => undefined;
    const wrong: [() => unknown, string][] = [
      [() => reactor.register('x' as unknown as number, READABLE, noop), 'ERR_INVALID_ARG_TYPE'],
      [() => reactor.register(-1, READABLE, noop), 'ERR_OUT_OF_RANGE'],
      [() => reactor.register(1.5, READABLE, noop), 'ERR_OUT_OF_RANGE'],
      [() => reactor.register(reader, 0, noop), 'ERR_OUT_OF_RANGE'],
      [() => reactor.register(reader, 8, noop), 'ERR_OUT_OF_RANGE'],
      [() => reactor.register(reader, READABLE, {} as () => void), 'ERR_INVALID_ARG_TYPE'],
      [
        () => reactor.register(reader, READABLE, noop, { mode: 'sometimes' as 'level' }),
        'ERR_INVALID_ARG_VALUE',
      ],
    ];
    for (const [call, code] of wrong) expect(call).toThrow(expect.objectContaining({ code }));
    expect(reactor.statistics()).toMatchObject({ registrations: 0, armed: 0 });
  });
});
