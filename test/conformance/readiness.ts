import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PRIORITY, READABLE, WRITABLE } from '../../lib/index';
import { encodeAddress, type InternetAddress, localAddress } from '../../lib/io/address';
import { native } from '../../lib/native';
import { close, descriptors, pipe, pty, socketPair, tcpPair } from '../support/descriptors';
import { eventOf, NOW, SOON, type Subject } from './subject';

const FULL = Buffer.alloc(65536);
const buffer = Buffer.alloc(16);

/** Fills a pipe or socket until it accepts no more. */
function fill(fd: number): void {
  try {
    for (;;) writeSync(fd, FULL);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}

/** Reads until there is no more. */
function drain(fd: number): void {
  try {
    while (readSync(fd, FULL) > 0);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}

const SOCK_DGRAM = 2;

function internet(port: number): Uint8Array {
  return encodeAddress('address', { address: '127.0.0.1', port, family: 'IPv4' });
}

function datagramSocket(port = 0): number {
  const fd = native.socket(native.AF_INET, SOCK_DGRAM, 0);
  expect(native.bind(fd, internet(port))).toBe(0);
  return fd;
}

function connectTo(fd: number, peer: number): void {
  const { port } = localAddress(peer) as InternetAddress;
  expect(native.connect(fd, internet(port))).toBe(0);
}

/** The first is connected to the second. */
function datagramPair(): [number, number] {
  const [socket, peer] = [datagramSocket(), datagramSocket()];
  connectTo(socket, peer);
  return [socket, peer];
}

/** The flags of an event in each state of a descriptor. */
export function describeReadiness(subject: Subject): void {
  const { newPoller, tellsHangup, tellsError, priority } = subject;

  describe('readiness', () => {
    test('is nothing on an idle descriptor', () => {
      using poller = newPoller();
      const [reader] = pipe();
      poller.add(reader, READABLE);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('lasts until the data has been read', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      writeSync(writer, 'xy');
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true })]);
      readSync(reader, buffer, 0, 1, null);
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true })]);
      readSync(reader, buffer, 0, 1, null);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('for writing ends when the buffer is full and comes back when it has been drained', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(writer, WRITABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(writer, { writable: true })]);
      fill(writer);
      expect(poller.wait(NOW)).toEqual([]);
      drain(reader);
      expect(poller.wait(NOW)).toEqual([eventOf(writer, { writable: true })]);
    });

    test('of both directions is one event', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      poller.add(socket, READABLE | WRITABLE);
      writeSync(peer, 'x');
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { readable: true, writable: true })]);
    });

    test('is reported only of the direction that was asked for', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      writeSync(peer, 'x');
      poller.add(socket, WRITABLE);
      expect(poller.wait(NOW)).toEqual([eventOf(socket, { writable: true })]);
    });
  });

  describe('the end', () => {
    test('of a pipe wakes the reader, after the data that came before it', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(reader, READABLE);
      writeSync(writer, 'last');
      close(writer);
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, hangup: tellsHangup })]);
      expect(readSync(reader, buffer)).toBe(4);
      expect(poller.wait(NOW)).toEqual([eventOf(reader, { readable: true, hangup: tellsHangup })]);
      expect(readSync(reader, buffer)).toBe(0);
    });

    test('of a pipe wakes the writer when nobody can read any more', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      fill(writer);
      poller.add(writer, WRITABLE);
      expect(poller.wait(NOW)).toEqual([]);
      close(reader);
      expect(poller.wait(NOW)).toEqual([expect.objectContaining({ writable: true })]);
      expect(() => writeSync(writer, 'x')).toThrow(expect.objectContaining({ code: 'EPIPE' }));
    });

    test('that has come before the descriptor is added is no error, but its first event', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      close(reader);
      poller.add(writer, WRITABLE);
      expect(poller.wait(NOW)).toEqual([expect.objectContaining({ writable: true })]);
    });

    test('of a socket wakes readers and writers alike', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      fill(socket);
      poller.add(socket, READABLE | WRITABLE);
      expect(poller.wait(NOW)).toEqual([]);
      close(peer);
      expect(poller.wait(NOW)).toEqual([
        expect.objectContaining({ readable: true, writable: true, hangup: tellsHangup }),
      ]);
    });

    test('of one direction wakes the reader; the other direction goes on', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      poller.add(socket, READABLE | WRITABLE);
      writeSync(peer, 'x');
      descriptors.shutdown(peer, 1);
      expect(poller.wait(NOW)).toEqual([
        eventOf(socket, { readable: true, writable: true, hangup: tellsHangup }),
      ]);
      expect(readSync(socket, buffer)).toBe(1);
      expect(readSync(socket, buffer)).toBe(0);
      expect(writeSync(socket, 'answer')).toBe(6);
      expect(readSync(peer, buffer)).toBe(6);
    });

    test('of the direction that nobody asked for does not wake a writer', () => {
      using poller = newPoller();
      const [socket, peer] = socketPair();
      fill(socket);
      poller.add(socket, WRITABLE);
      descriptors.shutdown(peer, 1);
      expect(poller.wait(NOW)).toEqual([]);
    });

    test('of a terminal wakes whoever reads from its other side', () => {
      using poller = newPoller();
      const [master, slave] = pty();
      poller.add(master, READABLE);
      expect(poller.wait(NOW)).toEqual([]);
      close(slave);
      expect(poller.wait(NOW)).toEqual([eventOf(master, { readable: true, hangup: tellsHangup })]);
    });

    test('by a reset wakes readers and writers, and the next read tells why', () => {
      using poller = newPoller();
      const [socket, peer] = tcpPair();
      poller.add(socket, READABLE);
      descriptors.resetOnClose(peer);
      close(peer);
      expect(poller.wait(SOON)).toEqual([
        eventOf(socket, { readable: true, hangup: tellsHangup, error: tellsError }),
      ]);
      poller.modify(socket, WRITABLE);
      expect(poller.wait(SOON)).toEqual([expect.objectContaining({ writable: true })]);
      expect(() => readSync(socket, buffer)).toThrow(
        expect.objectContaining({ code: 'ECONNRESET' }),
      );
    });
  });

  describe('an error that a call has taken', () => {
    test('was not fatal by itself: the descriptor goes on as before', () => {
      using poller = newPoller();
      const [socket, peer] = datagramPair();
      const name = localAddress(peer) as InternetAddress;
      poller.add(socket, READABLE);
      // No socket has this port: the host replies with an ICMP message.
      native.close(peer);
      writeSync(socket, 'x');
      expect(poller.wait(SOON)).toEqual([expect.objectContaining({ readable: true })]);
      const refused = expect.objectContaining({ code: 'ECONNREFUSED' }) as Error;
      expect(() => readSync(socket, buffer)).toThrow(refused);
      expect(poller.wait(NOW)).toEqual([]);
      const next = datagramSocket(name.port);
      connectTo(next, socket);
      writeSync(next, 'x');
      expect(poller.wait(SOON)).toEqual([eventOf(socket, { readable: true })]);
      for (const fd of [socket, next]) native.close(fd);
    });
  });

  describe.runIf(tellsHangup)('an error', () => {
    test('wakes whoever waits for the other direction', () => {
      using poller = newPoller();
      const [reader, writer] = pipe();
      poller.add(writer, READABLE);
      expect(poller.wait(NOW)).toEqual([]);
      close(reader);
      const [event] = poller.wait(NOW);
      expect(event).toMatchObject({ source: writer, readable: true, writable: false });
      expect(event.error || event.hangup).toBe(true);
    });
  });

  describe.runIf(priority)('urgent data', () => {
    test('is PRIORITY and not READABLE', () => {
      using poller = newPoller();
      const [socket, peer] = tcpPair();
      poller.add(socket, READABLE | PRIORITY);
      descriptors.sendUrgent(peer);
      expect(poller.wait(SOON)).toEqual([eventOf(socket, { priority: true })]);
      writeSync(peer, 'x');
      poller.modify(socket, READABLE);
      expect(poller.wait(SOON)).toEqual([eventOf(socket, { readable: true })]);
    });

    test('is what PRIORITY alone waits for: other data does not wake it', () => {
      using poller = newPoller();
      const [socket, peer] = tcpPair();
      poller.add(socket, PRIORITY);
      writeSync(peer, 'x');
      // A connection keeps the order of each direction: what was sent before has arrived as well.
      descriptors.sendUrgent(peer);
      expect(poller.wait(SOON)).toEqual([eventOf(socket, { priority: true })]);
      readSync(socket, buffer);
      writeSync(peer, 'y');
      poller.modify(socket, READABLE | PRIORITY);
      expect(poller.wait(SOON)).toEqual([expect.objectContaining({ readable: true })]);
    });
  });
}
