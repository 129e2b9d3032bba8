import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as clock from '../../lib/clock';
import { IdleTimer } from '../../lib/node/idle-timer';
import { toDuplex } from '../../lib/node';
import { pair, pattern } from '../io/peers';
import { tracked } from '../support/opened';
import { bytesOf, connected, recorded } from './duplex';

// Fake timers stop our clock as well, until a test advances it; connections still work.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.spyOn(clock, 'setTimeout').mockImplementation(setTimeout);
  vi.spyOn(clock, 'clearTimeout').mockImplementation(clearTimeout);
  vi.spyOn(clock, 'now').mockImplementation(() => performance.now());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('IdleTimer', () => {
  function timer(progress = () => 0): { idle: IdleTimer; told: number[] } {
    const told: number[] = [];
    const begun = performance.now();
    return { idle: new IdleTimer(() => told.push(performance.now() - begun), progress), told };
  }

  test('tells once, when nothing has happened for the whole time', () => {
    const { idle, told } = timer();
    idle.set(100);
    vi.advanceTimersByTime(99);
    idle.touch();
    vi.advanceTimersByTime(99);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(told).toEqual([199]);
    idle.touch();
    vi.advanceTimersByTime(500);
    expect(told).toEqual([199, 798]);
  });

  test('starts no timer for what happens, nor when it is turned off and on', () => {
    const { idle, told } = timer();
    for (let i = 0; i < 9; i++) {
      idle.set(1000);
      idle.touch();
      vi.advanceTimersByTime(100);
      idle.set(0);
      idle.touch();
    }
    expect(clock.setTimeout).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5000);
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is as early as a shorter time wants it, and as late as a longer one does', () => {
    const { idle, told } = timer();
    idle.set(1000);
    idle.set(10);
    vi.advanceTimersByTime(10);
    expect(told).toEqual([10]);
    idle.set(10);
    idle.set(1000);
    vi.advanceTimersByTime(999);
    expect(told).toEqual([10]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([10, 1010]);
  });

  test('waits longer than a timer of Node can', () => {
    const { idle, told } = timer();
    idle.set(2 ** 32);
    vi.advanceTimersByTime(2 ** 32 - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([2 ** 32]);
  });

  test('sees what nobody has told of', () => {
    let progress = 1;
    const { idle, told } = timer(() => progress);
    idle.set(100);
    vi.advanceTimersByTime(50);
    progress = 2;
    vi.advanceTimersByTime(149);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([200]);
  });

  test('leaves no timer behind', () => {
    const { idle, told } = timer();
    idle.set(100);
    idle.close();
    idle.touch();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(500);
    expect(told).toEqual([]);
  });
});

describe('toDuplex', () => {
  test('begins to count anew when something has come or gone', async () => {
    const { duplex, peer } = await connected();
    const events = recorded(duplex, 'timeout');
    duplex.resume().setTimeout(100);
    vi.advanceTimersByTime(90);
    const come = bytesOf(duplex, 1);
    peer.write('x');
    await come;
    vi.advanceTimersByTime(90);
    duplex.write('x');
    vi.advanceTimersByTime(90);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(events).toEqual(['timeout']);
  });

  test('begins to count anew when the other side has ended', async () => {
    const { duplex, peer } = await connected({ allowHalfOpen: true });
    const events = recorded(duplex, 'timeout');
    duplex.resume().setTimeout(100);
    vi.advanceTimersByTime(90);
    const ended = once(duplex, 'end');
    peer.end();
    await ended;
    vi.advanceTimersByTime(99);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual(['timeout']);
  });

  test('begins to count anew when it has connected, whatever was written before', async () => {
    const { ours } = await pair();
    const duplex = tracked(toDuplex(Promise.resolve(ours)));
    const events = recorded(duplex, 'timeout');
    duplex.setTimeout(100).write('x');
    vi.advanceTimersByTime(90);
    await once(duplex, 'ready');
    vi.advanceTimersByTime(99);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual(['timeout']);
  });

  test('counts as something that happens what the kernel takes of a long write', async () => {
    const { duplex, peer } = await connected();
    const events = recorded(duplex, 'timeout');
    const bytes = pattern(32 << 20);
    peer.pause();
    duplex.write(bytes);
    await setImmediate();
    duplex.setTimeout(100);
    vi.advanceTimersByTime(99);
    const received = bytesOf(peer, bytes.length);
    peer.resume();
    await received;
    vi.advanceTimersByTime(50);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(events).toEqual(['timeout']);
  });

  test('has no timer any more when it is destroyed', async () => {
    const { duplex } = await connected();
    duplex.setTimeout(100);
    duplex.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });
});
