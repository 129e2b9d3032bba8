import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { readable, type ReceivedSignal, Signals } from '../../lib/index';
import { native } from '../../lib/native';
import { isOpen, openDescriptors } from '../support/descriptors';
import { afterTurns, PENDING } from '../support/turns';

const { pid } = process;
const uid = userInfo().uid;
const hasRealtime = native.SIGRTMAX > 0;

const opened: Signals[] = [];

function listen(...names: (string | number)[]): Signals {
  const signals = new Signals(names);
  opened.push(signals);
  return signals;
}

afterEach(() => {
  for (const signals of opened.splice(0)) signals.close();
});

/** sigqueue(3), for which neither Node nor Python has a function. */
const QUEUE = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.sigqueue.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
pid, number, *values = map(int, sys.argv[1:])
for value in values:
    if libc.sigqueue(pid, number, value & 0xffffffff): sys.exit(ctypes.get_errno())
`;

describe('a signal', () => {
  test('tells its name, its number and who sent it', async () => {
    const signals = listen('SIGUSR2', 'SIGHUP');
    process.kill(pid, 'SIGHUP');
    const expected: ReceivedSignal = {
      signal: 'SIGHUP',
      number: constants.signals.SIGHUP,
      pid,
      uid,
      value: null,
      count: 1,
    };
    expect(await signals.receive()).toEqual(expected);
    process.kill(pid, 'SIGUSR2');
    expect(await signals.receive()).toMatchObject({ signal: 'SIGUSR2' });
  });

  test('from another process comes while it is awaited', async () => {
    const signals = listen('SIGUSR2');
    const receiving = signals.receive();
    expect(await afterTurns(receiving)).toBe(PENDING);
    const kill = spawn('kill', ['-USR2', String(pid)]);
    const closed = once(kill, 'close');
    expect(await receiving).toMatchObject({ signal: 'SIGUSR2', pid: kill.pid, uid, count: 1 });
    await closed;
  });

  test('of a child that has ended tells which, and child_process hears of it too', async () => {
    const signals = listen('SIGCHLD');
    const child = spawn('true');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(await signals.receive()).toMatchObject({ signal: 'SIGCHLD', pid: child.pid });
  });

  test('may be listened for by number, under any of its names, and twice', async () => {
    const { SIGABRT, SIGWINCH } = constants.signals;
    const signals = listen(SIGWINCH, 'SIGIOT', 'SIGABRT', 'SIGWINCH');
    process.kill(pid, 'SIGWINCH');
    expect(await signals.receive()).toMatchObject({ signal: 'SIGWINCH', number: SIGWINCH });
    process.kill(pid, SIGABRT);
    expect(await signals.receive()).toMatchObject({ signal: 'SIGABRT', number: SIGABRT });
    expect(await afterTurns(signals.receive().catch(() => undefined))).toBe(PENDING);
  });
});

describe.runIf(hasRealtime)('sigqueue(3)', () => {
  const queue = (number: number, ...values: number[]) =>
    promisify(execFile)('python3', ['-c', QUEUE, ...[pid, number, ...values].map(String)]);

  test('sends a value along', async () => {
    const signals = listen('SIGUSR2');
    await queue(constants.signals.SIGUSR2, 42);
    expect(await signals.receive()).toMatchObject({ signal: 'SIGUSR2', value: 42, uid, count: 1 });
    await queue(constants.signals.SIGUSR2, -1);
    expect(await signals.receive()).toMatchObject({ value: -1 });
  });

  test('of a realtime signal comes as often as it is sent', async () => {
    const signals = listen('SIGRTMIN', 'SIGRTMIN+3', 'SIGRTMAX-1', 'SIGRTMAX');
    const values = Array.from({ length: 500 }, (_, i) => i);
    await queue(native.SIGRTMIN + 3, ...values);
    const received: ReceivedSignal[] = [];
    while (received.length < values.length) received.push(await signals.receive());
    // The kernel keeps the order, but delivers them to several threads.
    const sorted = received.map(({ value }) => value ?? NaN).sort((a, b) => a - b);
    expect(sorted).toEqual(values);
    expect(new Set(received.map(({ signal }) => signal))).toEqual(new Set(['SIGRTMIN+3']));
    await queue(native.SIGRTMAX, 1);
    const last = `SIGRTMIN+${native.SIGRTMAX - native.SIGRTMIN}`;
    expect(await signals.receive()).toMatchObject({ signal: last, number: native.SIGRTMAX });
    await queue(native.SIGRTMIN, 1);
    expect(await signals.receive()).toMatchObject({ signal: 'SIGRTMIN' });
  });
});

describe('who listens', () => {
  test('hears every signal, however many do, until it closes', async () => {
    const [one, other, third] = [listen('SIGUSR2'), listen('SIGUSR2', 'SIGHUP'), listen('SIGHUP')];
    process.kill(pid, 'SIGUSR2');
    expect(await one.receive()).toMatchObject({ signal: 'SIGUSR2' });
    expect(await other.receive()).toMatchObject({ signal: 'SIGUSR2' });
    expect(await afterTurns(third.receive().catch(() => undefined))).toBe(PENDING);
    one.close();
    process.kill(pid, 'SIGUSR2');
    expect(await other.receive()).toMatchObject({ signal: 'SIGUSR2' });
  });

  test('gets what came before it asked', async () => {
    const signals = listen('SIGUSR2');
    for (let i = 0; i < 100; i++) process.kill(pid, 'SIGUSR2');
    for (let i = 0; i < 100; i++) expect(await signals.receive()).toMatchObject({ count: 1 });
  });

  test('is answered in the order of asking', async () => {
    const signals = listen('SIGUSR2', 'SIGHUP');
    const asked = [signals.receive(), signals.receive()];
    process.kill(pid, 'SIGHUP');
    await asked[0];
    process.kill(pid, 'SIGUSR2');
    const names = (await Promise.all(asked)).map(({ signal }) => signal);
    expect(names).toEqual(['SIGHUP', 'SIGUSR2']);
  });

  test('may wait for the descriptor as for any other', async () => {
    const signals = listen('SIGUSR2');
    const waiting = readable(signals);
    expect(await afterTurns(waiting)).toBe(PENDING);
    process.kill(pid, 'SIGUSR2');
    await waiting;
    await signals.receive();
  });

  test('lets timers run while signals come all the time', async () => {
    const signals = listen('SIGUSR2');
    const timer = AbortSignal.timeout(10);
    while (!timer.aborted) {
      process.kill(pid, 'SIGUSR2');
      await signals.receive();
    }
  });

  test('iterates until it is closed, and may leave the loop', async () => {
    const signals = listen('SIGUSR2');
    process.kill(pid, 'SIGUSR2');
    for await (const { signal } of signals) {
      expect(signal).toBe('SIGUSR2');
      break;
    }
    expect(signals.closed).toBe(false);
    const all: string[] = [];
    const iterating = (async () => {
      for await (const { signal } of signals) all.push(signal);
    })();
    expect(await afterTurns(iterating)).toBe(PENDING);
    process.kill(pid, 'SIGUSR2');
    while (all.length === 0) await new Promise((resolve) => setImmediate(resolve));
    signals.close();
    await iterating;
    expect(all).toEqual(['SIGUSR2']);
  });
});

describe('a storm of signals', () => {
  const TIMES = 100_000;

  test('is counted, whatever there is room for', async () => {
    const signals = listen('SIGUSR2', 'SIGHUP');
    for (let i = 0; i < TIMES; i++) process.kill(pid, 'SIGUSR2');
    process.kill(pid, 'SIGHUP');
    let left = TIMES;
    let hangups = 0;
    let single = 0;
    while (left > 0 || hangups === 0) {
      const { signal, count, pid: sender } = await signals.receive();
      if (count > 1 || sender === null) expect(sender).toBeNull();
      else single++;
      if (signal === 'SIGHUP') hangups += count;
      else left -= count;
    }
    expect({ left, hangups }).toEqual({ left: 0, hangups: 1 });
    expect(single).toBeGreaterThan(500);
    expect(await afterTurns(signals.receive().catch(() => undefined))).toBe(PENDING);
  });

  test('from another process, received while it comes, has none that is wrong', async () => {
    const signals = listen('SIGUSR2', 'SIGHUP');
    const program = `
import os, signal
for i in range(${TIMES}): os.kill(${pid}, signal.SIGUSR2)
os.kill(${pid}, signal.SIGHUP)`;
    const sender = spawn('python3', ['-c', program], { stdio: 'inherit' });
    const ended = once(sender, 'exit');
    let heard = 0;
    for await (const one of signals) {
      if (one.signal === 'SIGHUP') break;
      expect(one.signal).toBe('SIGUSR2');
      expect([sender.pid, null]).toContain(one.pid);
      heard += one.count;
    }
    expect(await ended).toEqual([0, null]);
    // The kernel merges signals that it has not delivered yet (signal(7)).
    expect(heard).toBeGreaterThan(0);
    expect(heard).toBeLessThanOrEqual(TIMES);
  });

  // libuv's handler drops SIGCHLD when its loop has not processed 4,096 others.
  test('keeps no exit from child_process', async () => {
    const signals = listen('SIGUSR2');
    const child = spawn('sleep', ['0.1']);
    const ended = once(child, 'exit');
    for (let i = 0; i < 5_000; i++) process.kill(pid, 'SIGUSR2');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); // it exits
    expect(await ended).toEqual([0, null]);
    const { signal } = await signals.receive();
    expect(signal).toBe('SIGUSR2');
  });
});

describe('close', () => {
  test('rejects whoever waits, is done once, and closes the descriptor', async () => {
    listen('SIGHUP'); // what all share is there before, and after
    const signals = listen('SIGUSR2');
    const { fd } = signals;
    const before = openDescriptors().length;
    const waiting = [signals.receive(), signals.receive()];
    signals.close();
    signals.close();
    for (const one of waiting) {
      await expect(one).rejects.toMatchObject({
        code: 'ERR_CLOSED',
        message: 'The source of signals is closed',
      });
    }
    expect(signals.closed).toBe(true);
    expect(signals.fd).toBe(-1);
    expect(isOpen(fd)).toBe(false);
    expect(openDescriptors().length).toBe(before - 2);
    await expect(signals.receive()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    for await (const signal of signals) expect(signal).toBe('none');
  });

  test('of the last one leaves no descriptor', () => {
    const before = openDescriptors();
    const signals = [listen('SIGUSR2', 'SIGHUP'), listen('SIGUSR2')];
    process.kill(pid, 'SIGUSR2');
    for (const one of signals) one.close();
    expect(openDescriptors()).toEqual(before);
  });

  test('is what `using` does', () => {
    const signals = listen('SIGUSR2');
    signals[Symbol.dispose]();
    expect(signals.closed).toBe(true);
  });
});

describe('abort', () => {
  test('rejects with the reason, and the signal goes to who asks next', async () => {
    const signals = listen('SIGUSR2');
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = signals.receive({ signal: controller.signal });
    const next = signals.receive();
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(signals.receive({ signal: controller.signal })).rejects.toBe(reason);
    process.kill(pid, 'SIGUSR2');
    expect(await next).toMatchObject({ signal: 'SIGUSR2' });
  });

  test('has no effect on what has been received', async () => {
    const signals = listen('SIGUSR2');
    const controller = new AbortController();
    process.kill(pid, 'SIGUSR2');
    const receiving = signals.receive({ signal: controller.signal });
    controller.abort();
    expect(await receiving).toMatchObject({ signal: 'SIGUSR2' });
  });
});

describe('misuse', () => {
  const make = (signals: unknown) => () => new Signals(signals as string[]);

  test.each([
    ['nothing', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['a name alone', 'SIGHUP', 'ERR_INVALID_ARG_TYPE'],
    ['something else', [null], 'ERR_INVALID_ARG_TYPE'],
    ['no signal', [], 'ERR_INVALID_ARG_VALUE'],
    ['SIGKILL', ['SIGHUP', 'SIGKILL'], 'ERR_INVALID_ARG_VALUE'],
    ['SIGSTOP by number', [constants.signals.SIGSTOP], 'ERR_INVALID_ARG_VALUE'],
    ['an unknown name', ['SIGFOO'], 'ERR_UNKNOWN_SIGNAL'],
    ['a name without SIG', ['HUP'], 'ERR_UNKNOWN_SIGNAL'],
    ['a distance without sign', ['SIGRTMIN3'], 'ERR_UNKNOWN_SIGNAL'],
    ['a distance that is too long', ['SIGRTMIN+99'], 'ERR_UNKNOWN_SIGNAL'],
    ['a distance the wrong way', ['SIGRTMIN-1'], 'ERR_UNKNOWN_SIGNAL'],
    ['0', [0], 'ERR_OUT_OF_RANGE'],
    ['a fraction', [1.5], 'ERR_OUT_OF_RANGE'],
    ['a number above all', [1000], 'ERR_OUT_OF_RANGE'],
  ])('%s is refused with a code', (_, signals, code) => {
    const before = openDescriptors().length;
    expect(make(signals)).toThrow(expect.objectContaining({ code }));
    expect(openDescriptors().length).toBe(before);
  });

  test.each(['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP'])(
    '%s is refused by name',
    (name) => {
      expect(make([name])).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARG_VALUE',
          message: expect.stringContaining(`must not contain ${name}, which reports a fault`),
        }),
      );
    },
  );

  test.runIf(process.platform === 'linux')('what the C library keeps is EINVAL', () => {
    expect(make([constants.signals.SIGUSR2, 32])).toThrow(
      expect.objectContaining({ code: 'EINVAL', syscall: 'sigaction' }),
    );
  });

  test('a signal that is none is refused', async () => {
    const signals = listen('SIGUSR2');
    const receiving = signals.receive({ signal: 'SIGHUP' as unknown as AbortSignal });
    await expect(receiving).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});
