import { check, invalidType, outOfRange } from '../errors';
import { native } from '../native';
import { descriptorOf, integer, listOf, options, type Source, timeout } from '../validate';
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

/** The requests of one blocking wait, in the form that crosses: (fd, events, revents) each. */
function toEntries(requests: readonly { fd: number; events: number }[]): Int32Array {
  const entries = new Int32Array(3 * requests.length);
  requests.forEach(({ fd, events }, i) => {
    entries[3 * i] = fd;
    entries[3 * i + 1] = events;
  });
  return entries;
}

/**
 * select(2): blocks the thread, event loop included, until one of the sources is ready or the time
 * is up (then all three lists are empty). A signal does not end the wait.
 * @param o `timeout` in milliseconds (a fraction counts; -1, the default, waits for ever, 0 polls)
 * @returns the sources that are ready, as they were given and in that order
 * @throws `ERR_OUT_OF_RANGE` for a descriptor of FD_SETSIZE (1024) or more, which no set can hold;
 * `EBADF` for one that is not open
 *
 * @example
 * ```js
 * const { select } = require('iomux/select');
 * const { readable } = select([process.stdin], [], [], { timeout: 1000 });
 * console.log(readable.length > 0 ? 'there is input' : 'a second has passed');
 * ```
 */
export function select(
  r: Iterable<Source>,
  w: Iterable<Source>,
  x: Iterable<Source>,
  o?: { timeout?: number },
): { readable: Source[]; writable: Source[]; exceptional: Source[] } {
  const limit = timeout(options(o).timeout);
  const sets = [
    { sources: listOf('r', r), events: POLLIN },
    { sources: listOf('w', w), events: POLLOUT },
    { sources: listOf('x', x), events: POLLPRI },
  ];
  const requests = sets.flatMap(({ sources, events }) =>
    sources.map((source) => ({ fd: selectable(source), events, source })),
  );
  const entries = toEntries(requests);
  check(
    block(limit, (slice) => native.select(entries, requests.length, slice)),
    'select',
  );
  const ready = (asked: number): Source[] =>
    requests
      .filter(({ events }, i) => events === asked && (entries[3 * i + 2] & asked) !== 0)
      .map(({ source }) => source);
  return { readable: ready(POLLIN), writable: ready(POLLOUT), exceptional: ready(POLLPRI) };
}

/**
 * poll(2): blocks the thread, event loop included, until one of the sources is ready or the time is
 * up (then the list is empty). A signal does not end the wait.
 * @param entries `events` in bits of POLL*; POLLERR, POLLHUP and POLLNVAL are always reported
 * @param o `timeout` in milliseconds (rounded up; -1, the default, waits for ever, 0 polls)
 * @returns those with something to report, in the order given; a descriptor that is not open is
 * reported with POLLNVAL, not an error
 *
 * @example
 * ```js
 * const { poll, POLLIN } = require('iomux/select');
 * for (const { source, revents } of poll([{ source: process.stdin, events: POLLIN }], { timeout: 0 })) {
 *   console.log(source.fd, revents);
 * }
 * ```
 */
export function poll(
  entries: Iterable<{ source: Source; events: number }>,
  o?: { timeout?: number },
): { source: Source; revents: number }[] {
  const limit = timeout(options(o).timeout);
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

function selectable(source: Source): number {
  const fd = descriptorOf(source);
  if (fd >= FD_SETSIZE) throw outOfRange('fd', `< ${FD_SETSIZE} (FD_SETSIZE)`, fd);
  return fd;
}
