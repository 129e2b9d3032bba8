import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readable } from '../../lib/index';
import { Datagram, Stream } from '../../lib/net';
import { AF_INET, SOCK_DGRAM, Socket } from '../../lib/socket';
import { descriptors, isOpen, pipe, takeNumber } from '../support/descriptors';
import { tracked } from '../support/opened';
import { bound, fill, pair as datagrams, unixPair, waitsForReceiver } from './datagrams';
import { pair } from './peers';

// Other code closes a descriptor of ours, and its number belongs to another file before we notice. Every
// kind here is waiting, so the kernel was asked to watch the file that is gone.

const TOLD = { code: 'ERR_CLOSED' };

const kinds: [string, () => Promise<{ fd: number; waiting: Promise<unknown> }>][] = [
  ['Stream', async () => waits((await pair()).ours, (one) => one.readSome())],
  ['Datagram', async () => waits((await datagrams()).ours, (one) => one.receive())],
  [
    'Socket',
    () => waits(tracked(new Socket(AF_INET, SOCK_DGRAM)), (one) => one.receive(Buffer.alloc(1))),
  ],
];

async function waits<T extends { fd: number }>(
  one: T,
  wait: (one: T) => Promise<unknown>,
): Promise<{ fd: number; waiting: Promise<unknown> }> {
  const waiting = wait(one);
  waiting.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  return { fd: one.fd, waiting };
}

/** Another socket of ours that has this number. */
async function withNumber<T extends { fd: number; close: () => unknown }>(
  number: number,
  open: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const one = tracked(await open());
    // The least that is free; a thread of the runtime may have had it for a moment.
    if (one.fd === number) return one;
    if (one.fd > number) one.close();
  }
}

describe.each(kinds)('a %s whose descriptor somebody has closed', (_, begin) => {
  test('is told, and leaves its number to whoever has it', async () => {
    const { fd, waiting } = await begin();
    const [reader, writer] = pipe();
    descriptors.close(fd);
    takeNumber(reader, fd);
    writeSync(writer, 'x');
    await readable(fd);
    await expect(waiting).rejects.toMatchObject(TOLD);
    expect(isOpen(fd)).toBe(true);
    const theirs = tracked(Stream.fromFd(fd));
    expect(String(await theirs.readSome())).toBe('x');
  });

  test('leaves it to another socket of ours, which closes it', async () => {
    const { fd, waiting } = await begin();
    descriptors.close(fd);
    const other = await withNumber(fd, () => Datagram.bind({ host: '127.0.0.1' }));
    const { socket: sender } = await bound();
    const receiving = other.receive();
    await expect(waiting).rejects.toMatchObject(TOLD);
    await sender.send('x', other.localAddress as never);
    expect(String((await receiving).data)).toBe('x');
    other.close();
    expect(isOpen(fd)).toBe(false);
  });
});

test.runIf(waitsForReceiver)(
  'a send that finds out that the number is another file’s is told so',
  async () => {
    const { ours } = await datagrams();
    const { path } = await unixPair();
    const { fd, waiting } = await waits(ours, (one) => one.receive());
    descriptors.close(fd);
    const other = await withNumber(fd, () => Datagram.connect({ path }));
    // So that a send would block.
    fill(other);
    await expect(ours.send('x')).rejects.toMatchObject(TOLD);
    await expect(waiting).rejects.toMatchObject(TOLD);
    expect(isOpen(fd)).toBe(true);
  },
);
