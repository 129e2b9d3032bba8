import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../lib/net';
import { toDuplex } from '../../lib/node';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { bytesOf, closed, recorded, subjects } from './duplex';

const EVENTS = ['end', 'finish', 'error', 'close'];

describe.each(subjects)('$name at its end', ({ open }) => {
  test('ends when the other side does, without data, and closes', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    const events = recorded(duplex, ...EVENTS);
    const ended = once(peer, 'end');
    peer.end();
    duplex.resume();
    peer.resume();
    await closing;
    await ended;
    expect(events).toEqual(['end', 'finish', 'close false']);
    expect(duplex).toMatchObject({ destroyed: true, readyState: 'closed', errored: null });
  });

  test('does not end before somebody has read what came before', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    const events = recorded(duplex, ...EVENTS);
    peer.end('some bytes');
    while (duplex.readableLength < 10) await setImmediate();
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(events).toEqual([]);
    expect(String(duplex.read())).toBe('some bytes');
    await closing;
    expect(events).toEqual(['end', 'finish', 'close false']);
  });

  test('stays writable when the other side has ended, if it is allowed to be half open', async () => {
    const { duplex, peer } = await open({ allowHalfOpen: true });
    const closing = closed(duplex);
    const events = recorded(duplex, ...EVENTS);
    peer.end();
    duplex.resume();
    await once(duplex, 'end');
    expect(duplex).toMatchObject({ readyState: 'writeOnly', writable: true, destroyed: false });
    const received = bytesOf(peer, 5);
    duplex.end('later');
    expect(String(await received)).toBe('later');
    await closing;
    expect(events).toEqual(['end', 'finish', 'close false']);
  });

  test('goes on receiving when it has ended', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    const events = recorded(duplex, ...EVENTS);
    const ended = once(peer.resume(), 'end');
    duplex.end('bye');
    await ended;
    expect(duplex).toMatchObject({ readyState: 'readOnly', writableEnded: true });
    const received = bytesOf(duplex, 6);
    peer.end('answer');
    expect(String(await received)).toBe('answer');
    await closing;
    expect(events).toEqual(['finish', 'end', 'close false']);
  });

  test('says that the connection was reset, and closes with an error', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    const events = recorded(duplex, ...EVENTS);
    duplex.resume();
    peer.resetAndDestroy();
    await closing;
    expect(events).toEqual(['error ECONNRESET', 'close true']);
    expect(duplex.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  test('does not say so to who is done with what came before', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    const events = recorded(duplex, ...EVENTS);
    duplex.on('data', () => {
      // In the same turn of the event loop, but not at once.
      void (async () => {
        for (let tick = 0; tick < 8; tick++) {
          await new Promise<void>((resolve) => {
            process.nextTick(resolve);
          });
        }
        duplex.destroy();
      })();
    });
    // Until it waits; the bytes and the reset then arrive in one turn.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    peer.write('the last bytes');
    peer.resetAndDestroy();
    await closing;
    expect(events).toEqual(['close false']);
  });

  test('fails when it writes to a connection that was reset', async () => {
    const { duplex, peer } = await open({ allowHalfOpen: true });
    const closing = closed(duplex);
    const events = recorded(duplex, 'error', 'close');
    peer.end();
    await once(duplex.resume(), 'end');
    // The peer closes with unread bytes, which resets the connection.
    duplex.write('not read');
    while (peer.bytesRead === 0) await setImmediate();
    peer.destroy();
    const told: unknown[] = [];
    let sent = duplex.bytesWritten;
    while (!duplex.destroyed) {
      duplex.write('too late', (error) => {
        if (error) told.push(error);
        else sent += 8;
      });
      await setImmediate();
    }
    await closing;
    expect(duplex.bytesWritten).toBe(sent);
    expect(events).toEqual([expect.stringMatching(/^error (EPIPE|ECONNRESET)$/), 'close true']);
    expect(told[0]).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) });
  });

  test('refuses a write after its end', async () => {
    const { duplex, peer } = await open({ allowHalfOpen: true });
    const closing = closed(duplex);
    const events = recorded(duplex, 'error', 'close');
    peer.resume();
    duplex.end('last');
    const told = new Promise((resolve) => duplex.write('more', resolve));
    expect(await told).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
    await closing;
    expect(events).toEqual(['error ERR_STREAM_WRITE_AFTER_END', 'close true']);
  });

  test('refuses a write when the other side has ended and it has, too', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    const events = recorded(duplex, 'error', 'close');
    duplex.resume();
    const told = new Promise((resolve) => {
      duplex.once('end', () => {
        // The Duplex ends as well, in a tick scheduled after the listeners were called.
        process.nextTick(() => process.nextTick(() => duplex.write('too late', resolve)));
      });
    });
    peer.end();
    expect(await told).toMatchObject({
      code: 'EPIPE',
      message: 'This socket has been ended by the other party',
    });
    await closing;
    expect(events).toEqual(['error EPIPE', 'close true']);
  });

  test('can be ended in the middle of the data of the other side, without an error', async () => {
    const { duplex, peer } = await open();
    const closing = closed(duplex);
    duplex.once('data', () => duplex.end('enough'));
    const received = bytesOf(peer, 6);
    peer.write('some');
    expect(String(await received)).toBe('enough');
    peer.end('more');
    duplex.resume();
    await closing;
    expect(duplex.errored).toBe(null);
  });
});

test('toDuplex ends the writing end of a pipe by closing it', async () => {
  const [reader, writer] = descriptors.pipe().map((fd) => tracked(Stream.fromFd(fd)));
  const duplex = tracked(toDuplex(writer));
  const events = recorded(duplex, ...EVENTS);
  const closing = closed(duplex);
  const bytes = Buffer.alloc(1 << 20, 'x');
  const ended = new Promise((resolve) => duplex.end(bytes, () => resolve([...events])));
  expect(await reader.readAll()).toHaveLength(bytes.length);
  expect(await ended).not.toContain('close false');
  await closing;
  expect(events).toEqual(['finish', 'close false']);
  expect(writer.closed).toBe(true);
});
