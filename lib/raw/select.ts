import { check, EBADF, invalidType, outOfRange, systemError } from '../errors';
import { native } from '../native';
import { descriptorOf, integer, listOf, options, type Source, timeoutOf } from '../validate';
import { block } from './blocking';

export const {
  FD_SETSIZE,
  POLLIN,
  POLLPRI,
  POLLOUT,
  POLLERR,
  POLLHUP,
  POLLNVAL,
  POLLRDNORM,
  POLLRDBAND,
  POLLWRNORM,
  POLLWRBAND,
  POLLRDHUP,
} = native;

/** The result of `select`, each list in the order of its argument. */
export interface Selected<R = Source, W = R, X = R> {
  /** Sources from which a read would not block. */
  readable: R[];
  /** Sources to which a write would not block. */
  writable: W[];
  /** Sources with an exceptional condition, such as urgent data. */
  exceptional: X[];
}

/** What `poll` waits for on one source. */
export interface PollRequest {
  /** What to wait for. */
  source: Source;
  /** Bits of POLL*. */
  events: number;
}

/** What `poll` reports about one source. */
export interface Polled<S = Source> {
  /** The source as it was passed. */
  source: S;
  /** Bits of POLL*. */
  revents: number;
}

/** The requests in the form of the addon: (fd, events, revents) each. */
function toEntries(requests: readonly { fd: number; events: number }[]): Int32Array {
  const entries = new Int32Array(3 * requests.length);
  requests.forEach(({ fd, events }, i) => {
    entries[3 * i] = fd;
    entries[3 * i + 1] = events;
  });
  return entries;
}

/**
 * Calls select(2): blocks the thread, including its event loop, until one of the sources is ready or the
 * timeout expires (then all three lists are empty). A signal does not end the wait.
 * @param readers sources to wait for until one can be read
 * @param writers sources to wait for until one can be written to
 * @param others sources to wait for until one has an exceptional condition, such as urgent data
 * @param o `timeout` in milliseconds (fractions allowed; -1, the default, waits forever, 0 polls)
 * @returns the ready sources, as they were passed and in that order
 * @throws `ERR_OUT_OF_RANGE` for a descriptor of FD_SETSIZE (1024) or more, which no set can hold;
 * `EBADF` for one that is not open
 *
 * @example
 * ```js
 * import { select } from 'iomux/select';
 * const { readable } = select([process.stdin], [], [], { timeout: 1000 });
 * console.log(readable.length > 0 ? 'there is input' : 'a second has passed');
 * ```
 */
export function select<R extends Source, W extends Source, X extends Source>(
  readers: Iterable<R>,
  writers: Iterable<W>,
  others: Iterable<X>,
  o?: { timeout?: number | undefined },
): Selected<R, W, X> {
  const limit = timeoutOf(options(o));
  const r = listOf('readers', readers);
  const w = listOf('writers', writers);
  const x = listOf('others', others);
  const requests = [...requestsOf(r, POLLIN), ...requestsOf(w, POLLOUT), ...requestsOf(x, POLLPRI)];
  refuseIgnored(requests);
  const entries = toEntries(requests);
  check(
    block(limit, (slice) => native.select(entries, requests.length, slice)),
    'select',
  );
  let next = 0;
  const isReady = (): boolean => {
    const at = 3 * next++;
    return (entries[at + 1] & entries[at + 2]) !== 0;
  };
  return {
    readable: r.filter(isReady),
    writable: w.filter(isReady),
    exceptional: x.filter(isReady),
  };
}

/**
 * Linux ignores a descriptor beyond the process's table of descriptors, and leaves its bit as it was (BUGS of
 * select(2)). If the highest one is open, all are within the table.
 */
function refuseIgnored(requests: readonly { fd: number }[]): void {
  const highest = requests.reduce((most, { fd }) => Math.max(most, fd), -1);
  if (highest !== -1 && native.fileType(highest) === EBADF) throw systemError(EBADF, 'select');
}

/**
 * Calls poll(2): blocks the thread, including its event loop, until one of the sources is ready or the
 * timeout expires (then the list is empty). A signal does not end the wait.
 * @param entries with `events` as bits of POLL*; POLLERR, POLLHUP and POLLNVAL are always reported
 * @param o `timeout` in milliseconds (rounded up; -1, the default, waits forever, 0 polls)
 * @returns the entries with something to report, in the given order; a descriptor that is not open is
 * reported with POLLNVAL, and is not an error
 *
 * @example
 * ```js
 * import { poll, POLLIN } from 'iomux/select';
 * const [input] = poll([{ source: process.stdin, events: POLLIN }], { timeout: 1000 });
 * console.log(input === undefined ? 'a second has passed' : 'there is input, or its end');
 * ```
 */
export function poll<E extends PollRequest>(
  entries: Iterable<E>,
  o?: { timeout?: number | undefined },
): Polled<E['source']>[] {
  const limit = timeoutOf(options(o));
  const requests = listOf('entries', entries).map((entry) => {
    if (typeof entry !== 'object' || (entry as unknown) === null) {
      throw invalidType('entries', 'an iterable of objects', entry);
    }
    const events = integer('events', entry.events, 0, 0x7fff);
    return { fd: descriptorOf(entry.source), events, source: entry.source };
  });
  const raw = toEntries(requests);
  check(
    block(limit, (slice) => native.poll(raw, requests.length, slice)),
    'poll',
  );
  return requests
    .map(({ source }, i) => ({ source, revents: raw[3 * i + 2] }))
    .filter(({ revents }) => revents !== 0);
}

function requestsOf(sources: Source[], events: number): { fd: number; events: number }[] {
  return sources.map((source) => ({ fd: selectable(source), events }));
}

function selectable(source: Source): number {
  const fd = descriptorOf(source);
  if (fd >= FD_SETSIZE) throw outOfRange('fd', `< ${FD_SETSIZE} (FD_SETSIZE)`, fd);
  return fd;
}
