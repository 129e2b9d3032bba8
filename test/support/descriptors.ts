import { fstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import load from 'node-gyp-build';
import { closeTracked } from './opened';

/**
 * The addon of descriptors.cc; its `open` is for matrix/deno.cjs. All new descriptors are non-blocking and
 * close-on-exec.
 */
interface Descriptors {
  pipe(): [reader: number, writer: number];
  socketPair(stream: boolean): [number, number];
  tcpPair(): [number, number];
  /** A raw one passes every byte unchanged, in both directions. */
  pty(raw?: boolean): [master: number, slave: number];
  dup(fd: number): number;
  /** A duplicate whose number is at least `least`. */
  dupAbove(fd: number, least: number): number;
  dup2(from: number, to: number): number;
  close(fd: number): number;
  flags(fd: number): { nonBlocking: boolean; closeOnExec: boolean };
  setBlocking(fd: number, blocking: boolean): number;
  sendUrgent(fd: number): number;
  shutdown(fd: number, how: 0 | 1 | 2): number;
  resetOnClose(fd: number): number;
  setBuffer(fd: number, send: boolean, bytes: number): number;
  limitDescriptors(soft: number): number;
  /** Sends SIGALRM to the process at this interval; 0 ends that. */
  interruptEvery(milliseconds: number): number;
  /** Linux: from now on, the system call fails with the errno in this thread and in what it starts. */
  refuse(call: string, errno: number): void;
  /** Starts counting the calls from C++ into JavaScript; false if this engine has no counter. */
  watchEntries(): boolean;
  /** The calls that were counted so far. */
  entries(): number;
}

export const descriptors = load(join(__dirname)) as Descriptors;

/** The descriptors that are open now. */
export function openDescriptors(): number[] {
  const folder = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';
  return readdirSync(folder).map(Number);
}

export function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

const toClose = new Set<number>();

/** Closes the descriptors at the end of the test, unless `close` has done so before. */
export function owned<T extends number[]>(fds: T): T {
  for (const fd of fds) toClose.add(fd);
  return fds;
}

export function pipe(): [reader: number, writer: number] {
  return owned(descriptors.pipe());
}

export function socketPair(stream = true): [number, number] {
  return owned(descriptors.socketPair(stream));
}

/** Both ends of a TCP connection. */
export function tcpPair(): [number, number] {
  return owned(descriptors.tcpPair());
}

export function pty(raw = false): [master: number, slave: number] {
  return owned(descriptors.pty(raw));
}

export function dup(fd: number): number {
  return owned([descriptors.dup(fd)])[0];
}

/**
 * Duplicates `from` to a number that is free. A thread of the runtime may take the number meanwhile by
 * opening a file: then this waits, where dup2(2) would replace that file.
 */
export function takeNumber(from: number, number: number): number {
  for (let i = 0; i < 1000; i++) {
    const fd = descriptors.dupAbove(from, number);
    if (fd === number) return number;
    descriptors.close(fd);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
  throw new Error(`somebody has number ${number}`);
}

/** Closes a descriptor without telling anybody. */
export function close(...fds: number[]): void {
  for (const fd of fds) {
    toClose.delete(fd);
    descriptors.close(fd);
  }
}

/** How many descriptors the runtime itself has left open so far; see matrix/deno.cjs. */
function leftByRuntime(): number {
  return (globalThis as { descriptorsLeftByRuntime?: number }).descriptorsLeftByRuntime ?? 0;
}

/** What is still open after so many milliseconds is a leak. */
const TIME_TO_CLOSE = 10_000;

/**
 * Every test of the file must leave as many descriptors open as it found. What the runner and Node open on
 * first use (the first Worker, the first DNS look-up) has to be opened before.
 */
export function checkForLeaks(): void {
  let before = 0;
  beforeEach(() => {
    before = openDescriptors().length - leftByRuntime();
  });
  afterEach(async () => {
    closeTracked();
    close(...toClose);
    // libuv closes handles at the end of an iteration, and a server closes a connection when its end
    // has arrived.
    const deadline = performance.now() + TIME_TO_CLOSE;
    const left = (): number => openDescriptors().length - leftByRuntime();
    while (left() > before && performance.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(left(), 'descriptors left open').toBeLessThanOrEqual(before);
  });
}
