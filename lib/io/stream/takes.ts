import { incompleteError, limitError } from '../../errors';
import { CHUNK, type Received } from './received';
import type { Take } from './reading';
import type { SeparatorSearch } from './separators';

// The `Take` of each method of `Reader`.

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export function some(most: number): Take<Buffer | null> {
  return (received, ended) => {
    if (received.length > 0) return received.take(Math.min(most, received.length, CHUNK));
    return ended ? null : undefined;
  };
}

export function exactly(count: number): Take<Buffer> {
  return (received, ended) => {
    if (received.length >= count) return received.take(count);
    if (ended) throw incompleteError(received.take(received.length), count);
    return undefined;
  };
}

export function until(search: SeparatorSearch, limit: number): Take<Buffer> {
  return (received, ended) => {
    const found = search.find(received.view, ended);
    if (search.start > limit) throw limitError(`No separator after ${limit} bytes`);
    if (found) return received.take(search.end);
    if (ended) throw incompleteError(received.take(received.length));
    return undefined;
  };
}

export function line(limit: number): Take<string | null> {
  let searched = 0;
  return (received, ended) => {
    const bytes = received.view;
    const found = bytes.indexOf(LINE_FEED, searched);
    searched = bytes.length;
    const end = found === -1 ? bytes.length : found;
    // A CR before the LF, or at the end of what has come so far, is not part of the line.
    const hasReturn = (found !== -1 || !ended) && end > 0 && bytes[end - 1] === CARRIAGE_RETURN;
    const length = hasReturn ? end - 1 : end;
    if (length > limit) throw limitError(`No end of the line after ${limit} bytes`);
    if (found === -1 && !ended) return undefined;
    if (found === -1 && length === 0) return null;
    const text = received.takeText(length);
    received.skip(found === -1 ? 0 : found + 1 - length);
    return text;
  };
}

export function all(limit: number): Take<Buffer> {
  return (received, ended) => {
    if (received.length > limit) throw limitError(`The stream has more than ${limit} bytes`);
    return ended ? received.take(received.length) : undefined;
  };
}

/** At least 1 byte, and `least` unless the stream ends early. They stay readable. */
export function peeked(least: number, most: number): Take<Buffer | null> {
  return (received, ended) => {
    const { length } = received;
    if (length > 0 && (length >= least || ended)) return received.copy(Math.min(most, length));
    return ended ? null : undefined;
  };
}

export function chunk(
  received: Received,
  ended: boolean,
): IteratorResult<Buffer, undefined> | undefined {
  if (received.length > 0) {
    return { done: false, value: received.take(Math.min(received.length, CHUNK)) };
  }
  return ended ? { done: true, value: undefined } : undefined;
}
