import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { pattern } from '../io/peers';
import { bytesOf, closed, recorded, subjects } from './duplex';

describe.each(subjects)('$name that is destroyed', ({ name, open }) => {
  test('closes without an error, and emits nothing after that', async () => {
    const { duplex, peer } = await open();
    const events = recorded(duplex, 'data', 'end', 'finish', 'error', 'close');
    const ended = closed(peer);
    peer.on('error', () => undefined).write('not read any more');
    duplex.destroy().destroy();
    expect(duplex).toMatchObject({ destroyed: true, readyState: 'closed', writable: false });
    expect(events).toEqual([]);
    peer.end();
    await ended;
    expect(events).toEqual(['close false']);
  });

  test('emits the error that it was destroyed with, and then that it has closed', async () => {
    const { duplex } = await open();
    const events = recorded(duplex, 'error', 'close');
    const closing = closed(duplex);
    duplex.destroy(Object.assign(new Error('enough'), { code: 'ENOUGH' }));
    await closing;
    expect(events).toEqual(['error ENOUGH', 'close true']);
  });

  test('emits that error before it calls back what was being written', async () => {
    const { duplex } = await open();
    const events = recorded(duplex, 'error', 'close');
    const closing = closed(duplex);
    duplex.write(pattern(16 << 20), () => events.push('written'));
    duplex.destroy(Object.assign(new Error('enough'), { code: 'ENOUGH' }));
    await closing;
    expect(events).toEqual(['error ENOUGH', 'written', 'close true']);
  });

  test.runIf(name === 'toDuplex')(
    'tells whoever was writing the reason, or that it is destroyed',
    async () => {
      const reason = new Error('enough');
      for (const given of [reason, undefined]) {
        const { duplex } = await open();
        duplex.on('error', () => undefined);
        const told = new Promise((resolve) => duplex.write(pattern(16 << 20), resolve));
        duplex.destroy(given);
        expect(await told).toMatchObject(given ?? { code: 'ERR_STREAM_DESTROYED' });
      }
    },
  );

  test('emits no more data when that happens on the first', async () => {
    const { duplex, peer } = await open();
    let count = 0;
    duplex.on('data', () => {
      count++;
      duplex.destroy();
    });
    const closing = closed(duplex);
    peer.on('error', () => undefined).write(pattern(1 << 20));
    await closing;
    expect(count).toBe(1);
  });

  test('calls back every write that had not left, before it says that it is closed', async () => {
    const { duplex } = await open();
    const bytes = pattern(16 << 20);
    const events = recorded(duplex, 'close');
    const told: unknown[] = [];
    duplex.write(bytes, () => events.push('first'));
    duplex.write('behind it', (error) => told.push(error));
    const closing = closed(duplex);
    duplex.destroy();
    await closing;
    expect(events).toEqual(['first', 'close false']);
    // Newer Node versions pass on the error of the write before it.
    const code = expect.stringMatching(/^(ERR_STREAM_DESTROYED|ECANCELED)$/) as string;
    expect(told).toEqual([expect.objectContaining({ code })]);
  });

  test('refuses a write by its callback, without an event', async () => {
    const { duplex } = await open();
    duplex.destroy();
    const events = recorded(duplex, 'error');
    const told = new Promise((resolve) => duplex.write('too late', resolve));
    expect(await told).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    await setImmediate();
    expect(events).toEqual([]);
  });

  test('soon: hands over all that was written before', async () => {
    const { duplex, peer } = await open();
    const bytes = pattern(8 << 20);
    const received = bytesOf(peer, bytes.length);
    const closing = closed(duplex);
    duplex.write(bytes);
    duplex.destroySoon();
    expect(duplex).toMatchObject({ destroyed: false, writableEnded: true });
    expect((await received).equals(bytes)).toBe(true);
    await closing;
    duplex.destroySoon();
  });

  test('with a reset: its peer is told', async () => {
    const { duplex, peer } = await open();
    const events = recorded(peer, 'end', 'error', 'close');
    const closings = [closed(duplex), closed(peer)];
    expect(duplex.resetAndDestroy()).toBe(duplex);
    await Promise.all(closings);
    expect(events).toEqual(['error ECONNRESET', 'close true']);
    expect(duplex.errored).toBe(null);
  });

  test('in the middle of a pipe: the source does not go on', async () => {
    const { duplex, peer } = await open();
    const other = await open();
    peer.on('error', () => undefined).write(pattern(8 << 20));
    duplex.pipe(other.duplex);
    await once(other.peer, 'data');
    const closing = closed(other.duplex);
    other.duplex.destroy();
    await closing;
    expect(duplex).toMatchObject({ destroyed: false, readableFlowing: false });
  });
});
