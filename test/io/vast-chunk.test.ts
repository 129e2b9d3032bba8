import { describe, expect, test } from 'vitest';
import { Stream } from '../../lib/net';
import { native } from '../../lib/native';
import { AF_UNIX, SOCK_STREAM, Socket } from '../../lib/socket';
import { descriptors } from '../support/descriptors';
import { tracked } from '../support/opened';
import { pair as datagrams } from './datagrams';
import { pair } from './peers';
import { Resizable } from './pressure';

const FOUR_GIB = 2 ** 32;
const NOTHING = new Uint8Array(0);

const END = Buffer.from('the end');

/**
 * So many bytes, of which those that nobody has touched take no memory; `undefined` where the runtime
 * has no arrays of that length, or the system no room for one.
 */
function untouched(length: number): Uint8Array | undefined {
  try {
    const memory = new Resizable(0, { maxByteLength: length });
    memory.resize(length);
    return new Uint8Array(memory, 0, length);
  } catch {
    return undefined;
  }
}

const longer = untouched(FOUR_GIB + END.length);
longer?.set(END, FOUR_GIB);
const chunk = longer?.subarray(0, FOUR_GIB) ?? untouched(FOUR_GIB);

const streams: [string, () => Promise<[reader: Stream, writer: Stream]>][] = [
  [
    'a socket',
    async () => {
      const { ours, theirs } = await pair();
      return [ours, theirs];
    },
  ],
  [
    'a pipe',
    () => {
      const [reader, writer] = descriptors.pipe().map((fd) => tracked(Stream.fromFd(fd)));
      return Promise.resolve([reader, writer]);
    },
  ],
];

describe.runIf(chunk !== undefined)('a chunk of 4 GiB', () => {
  test.each(streams)('goes into %s, as far as there is room', async (_, open) => {
    const [, writer] = await open();
    expect(writer.tryWrite(chunk ?? NOTHING)).toBeGreaterThan(0);
  });

  test('is no datagram, not even a short one', async () => {
    const { ours } = await datagrams();
    const bytes = chunk ?? NOTHING;
    const refused = { code: 'ERR_OUT_OF_RANGE' };
    await expect(ours.send(bytes)).rejects.toMatchObject({ code: 'EMSGSIZE' });
    await expect(ours.send(bytes, undefined, { ttl: 1 })).rejects.toMatchObject(refused);
    await expect(ours.sendMany([bytes])).rejects.toMatchObject(refused);
    expect(() => ours.trySend(bytes)).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
    expect(() => ours.trySend(bytes, undefined, { ttl: 1 })).toThrow(
      expect.objectContaining(refused),
    );
  });
});

describe.runIf(longer !== undefined)('a chunk of more than 4 GiB', () => {
  const bytes = longer ?? NOTHING;

  test.each(streams)('goes into %s from behind those', async (_, open) => {
    const [reader, writer] = await open();
    await writer.write(bytes, FOUR_GIB);
    expect((await reader.readSome())?.toString()).toBe('the end');
  });

  test('goes on behind them in a message', async () => {
    const [ours, theirs] = Socket.pair(AF_UNIX, SOCK_STREAM).map(tracked);
    expect(native.sendMessage(ours.fd, bytes, FOUR_GIB, NOTHING, NOTHING, 0)).toBe(7);
    const received = Buffer.alloc(64);
    expect(received.toString('utf8', 0, await theirs.receive(received))).toBe('the end');
  });
});
