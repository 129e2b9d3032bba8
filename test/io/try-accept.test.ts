import { constants } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { native } from '../../lib/native';
import { connect, type Listener, type Stream } from '../../lib/net';
import { select } from '../../lib/select';
import { tracked } from '../support/opened';
import { listening } from './peers';

const { errno } = constants;

afterEach(() => {
  vi.restoreAllMocks();
});

/** A connection that is there. */
function accepted(listener: Listener): Stream {
  const stream = listener.tryAccept();
  if (stream === null) throw new Error('there is no connection');
  return tracked(stream);
}

describe('tryAccept', () => {
  test('answers with what is there, and null when there is nothing more', async () => {
    const { listener, port } = await listening();
    expect(listener.tryAccept()).toBeNull();
    const clients = [];
    // More than `accept` takes in one turn of the event loop.
    for (let i = 0; i < 100; i++) {
      clients.push(tracked(await connect({ host: '127.0.0.1', port })));
    }
    expect(select([listener], [], [], { timeout: 0 }).readable).toEqual([listener]);
    const ports = clients.map(() => accepted(listener).remoteAddress?.port);
    expect(ports).toEqual(clients.map(({ localAddress }) => localAddress?.port));
    expect(listener.tryAccept()).toBeNull();
  });

  test('gives streams that never see the event loop', async () => {
    const { listener, port } = await listening();
    const client = tracked(await connect({ host: '127.0.0.1', port }));
    const stream = accepted(listener);
    const buffer = Buffer.alloc(16);
    for (const message of ['one', 'two']) {
      expect(stream.tryRead(buffer)).toBe(-1);
      expect(client.tryWrite(message)).toBe(3);
      expect(select([stream], [], [], { timeout: 5000 }).readable).toEqual([stream]);
      expect(buffer.toString('utf8', 0, stream.tryRead(buffer))).toBe(message);
    }
  });

  test('passes over a connection that has failed by itself', async () => {
    const { listener, port } = await listening();
    tracked(await connect({ host: '127.0.0.1', port }));
    // Simulated results: see accept(2) on the errors that Linux passes on.
    vi.spyOn(native, 'accept')
      .mockReturnValueOnce(-errno.ECONNABORTED)
      .mockReturnValueOnce(-errno.EPROTO);
    accepted(listener);
  });

  test('throws what all connections fail with, and does not ask for ever', async () => {
    const { listener, port } = await listening();
    tracked(await connect({ host: '127.0.0.1', port }));
    const accept = vi.spyOn(native, 'accept').mockReturnValue(-errno.EMFILE);
    // Then something else: no time limit of a test would end an endless synchronous loop.
    for (let i = 0; i < 1000; i++) accept.mockReturnValueOnce(-errno.EPERM);
    expect(() => listener.tryAccept()).toThrow(
      expect.objectContaining({ code: 'EPERM', syscall: 'accept', fd: listener.fd }),
    );
    vi.restoreAllMocks();
    accepted(listener);
  });

  test('throws what is wrong with the process, and the connection waits', async () => {
    const { listener, port } = await listening();
    tracked(await connect({ host: '127.0.0.1', port }));
    vi.spyOn(native, 'accept').mockReturnValueOnce(-errno.EMFILE);
    expect(() => listener.tryAccept()).toThrow(
      expect.objectContaining({ code: 'EMFILE', syscall: 'accept', fd: listener.fd }),
    );
    accepted(listener);
  });

  test('of a listener that is closed is ERR_CLOSED', async () => {
    const { listener } = await listening();
    listener.close();
    expect(() => listener.tryAccept()).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
  });
});
