import { check, EAGAIN, ESPIPE } from '../../errors';
import { native } from '../../native';
import { reactor } from '../../reactor/default';
import { descriptorOf, type Source } from '../../validate';
import type { Writing } from './writing';

/** How much is read at once. */
const SIZE = 65536;

export interface FileCopy {
  /**
   * Sends at most `most` bytes. Returns how many were sent, 0 at the end of the source, EAGAIN while either
   * side is not ready, or the negated errno of the destination.
   * @throws the error of the source
   */
  readonly send: (most: number) => number;
  readonly close: () => void;
}

/**
 * Copies what sendfile(2) does not support: pipes, devices, files of some filesystems. If the source can be
 * waited for, every read waits first, so that a blocking descriptor does not block the thread. Without
 * `offset`, it sends from the beginning, or whatever comes from a source without positions.
 */
export function fileCopy(
  source: Source,
  offset: number | undefined,
  destination: Writing,
  onReady: (problem?: unknown) => void,
): FileCopy {
  const waiting = new AbortController();
  const { signal } = waiting;
  const bytes = Buffer.allocUnsafe(SIZE);
  let start = 0;
  let end = 0;
  /** `null` for a source that has no positions, such as a pipe. */
  let position: number | null = offset ?? 0;
  /** Whether to wait before each read: not with an offset, nor for files that are always ready. */
  let waits = offset === undefined;
  let ready = !waits;
  let waitPending = false;

  const read = (length: number): number => {
    if (waits) ready = false;
    const fd = descriptorOf(source);
    const into = bytes.subarray(0, length);
    let count = ESPIPE;
    if (position !== null) {
      count = native.readAt(fd, into, position);
      if (count > 0) position += count;
    }
    // Without positions: read what comes, unless the user gave an offset.
    if (count === ESPIPE && offset === undefined) {
      position = null;
      count = native.read(fd, into);
    }
    return count === EAGAIN ? EAGAIN : check(count, 'read', fd);
  };

  const wait = (): void => {
    if (waitPending) return;
    waitPending = true;
    reactor.readable(source, { signal }).then(
      () => {
        waitPending = false;
        ready = true;
        onReady();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        waitPending = false;
        ready = (error as { code?: string }).code === 'EPERM';
        waits = false;
        onReady(ready ? undefined : error);
      },
    );
  };

  const send = (most: number): number => {
    if (start === end) {
      const count = ready ? read(Math.min(most, SIZE)) : EAGAIN;
      if (count === EAGAIN) wait();
      if (count <= 0) return count;
      start = 0;
      end = count;
    }
    const sent = destination.send(bytes, start, end);
    if (sent > 0) start += sent;
    return sent;
  };

  return { send, close: () => waiting.abort() };
}
