import type { Epoll } from '../../lib/compat/epoll';
import type { Tools } from '../support/child';

/** Passed as source to a process of its own, whose result is compared. */
export type Program = (epoll: typeof Epoll, tools: Tools) => unknown;

/** Programs by title, each with what it has to return. */
export type Programs = Readonly<Record<string, [Program, unknown]>>;

/** The text that an error has in npm's `epoll`, and the code that it has here. */
export const CODES: Readonly<Record<string, string>> = {
  'File exists': 'EEXIST',
  'Bad file descriptor': 'EBADF',
  'Operation not permitted': 'EPERM',
  'No such file or directory': 'ENOENT',
};

/** Synchronous ones. */
export const calls: Programs = {
  'has its flags on the class': [
    (Epoll) => Object.entries(Epoll).sort(([a], [b]) => (a < b ? -1 : 1)),
    [
      ['EPOLLERR', 8],
      ['EPOLLET', 0x80000000],
      ['EPOLLHUP', 16],
      ['EPOLLIN', 1],
      ['EPOLLONESHOT', 0x40000000],
      ['EPOLLOUT', 4],
      ['EPOLLPRI', 2],
      ['EPOLLRDHUP', 0x2000],
    ],
  ],

  'is chained, and closed once': [
    (Epoll, { descriptors }) => {
      const [reader] = descriptors.pipe();
      const epoll = new Epoll(() => undefined);
      const before = epoll.closed;
      const added = epoll.add(reader, Epoll.EPOLLIN) === epoll;
      const modified = epoll.modify(reader, Epoll.EPOLLOUT) === epoll;
      const removed = epoll.remove(reader) === epoll;
      return [before, added, modified, removed, epoll.close(), epoll.closed];
    },
    [false, true, true, true, null, true],
  ],

  'takes every kind of event': [
    (Epoll, { descriptors }) => {
      const [reader] = descriptors.pipe();
      const epoll = new Epoll(() => undefined);
      const all = Object.values(Epoll) as number[];
      for (const events of all) epoll.add(reader, events).remove(reader);
      epoll.add(reader, 0);
      for (const events of all) epoll.modify(reader, events);
      // Negative, as `|` makes it with EPOLLET.
      epoll.modify(reader, Epoll.EPOLLIN | Epoll.EPOLLET).close();
      return all.length;
    },
    8,
  ],

  'refuses wrong arguments, and everything once closed, with its messages': [
    (Epoll) => {
      const epoll = new Epoll(() => undefined);
      const refused = (work: () => unknown): string => {
        try {
          work();
          return 'not refused';
        } catch (error) {
          return (error as Error).message;
        }
      };
      const wrong = {} as number;
      const open = [
        () => new Epoll(wrong as unknown as () => void),
        () => epoll.add(wrong, 1),
        () => epoll.add(1.5, 1),
        () => epoll.add(2 ** 31, 1),
        () => epoll.modify(0, wrong),
        () => epoll.remove(wrong),
      ].map(refused);
      epoll.close();
      const closed = [
        () => epoll.add(wrong, 1),
        () => epoll.modify(0, 1),
        () => epoll.remove(0),
        () => epoll.close(),
      ].map(refused);
      return [...open, ...closed];
    },
    [
      'First argument to construtor must be a callback',
      'incorrect arguments passed to add(int fd, int events)',
      'incorrect arguments passed to add(int fd, int events)',
      'incorrect arguments passed to add(int fd, int events)',
      'incorrect arguments passed to modify(int fd, int events)',
      'incorrect arguments passed to remove(int fd)',
      "add can't be called after calling close",
      "modify can't be called after calling close",
      "remove can't be called after calling close",
      "close can't be called more than once",
    ],
  ],

  'throws what the kernel answers, and knows a descriptor once in the process': [
    (Epoll, { descriptors, fs }) => {
      const epoll = new Epoll(() => undefined);
      const other = new Epoll(() => undefined);
      const [reader, writer] = descriptors.pipe();
      const file = fs.openSync('package.json', 'r');
      epoll.add(reader, Epoll.EPOLLIN);
      const answers = [
        () => epoll.add(reader, Epoll.EPOLLIN),
        () => other.add(reader, Epoll.EPOLLIN),
        () => epoll.add(file, Epoll.EPOLLIN),
        () => epoll.add(-5, Epoll.EPOLLIN),
        () => epoll.modify(writer, Epoll.EPOLLIN),
        () => epoll.modify(9999, Epoll.EPOLLIN),
        () => epoll.remove(writer),
        () => epoll.remove(file),
        () => epoll.remove(9999),
      ].map((work) => {
        try {
          work();
          return 'not thrown';
        } catch (error) {
          const { code, message } = error as NodeJS.ErrnoException;
          return code ?? message;
        }
      });
      epoll.close();
      return answers;
    },
    ['EEXIST', 'EEXIST', 'EPERM', 'EBADF', 'ENOENT', 'EBADF', 'ENOENT', 'EPERM', 'EBADF'],
  ],

  'lets a process end that has added nothing, or removed it': [
    (Epoll, { descriptors }) => {
      const [reader, writer] = descriptors.pipe();
      new Epoll(() => undefined);
      new Epoll(() => undefined).add(reader, Epoll.EPOLLIN).remove(reader).close();
      new Epoll(() => undefined).add(reader, Epoll.EPOLLIN).add(writer, Epoll.EPOLLIN).close();
      return 'ends';
    },
    'ends',
  ],
};
