import { countDispatches } from './dispatch-window';

/** npm's `epoll`, which has no types. A thread of its own waits, and hands over one event at a time. */
interface NpmEpoll {
  add(fd: number, events: number): this;
  remove(fd: number): this;
}

interface Package {
  readonly Epoll: {
    new (callback: (error: Error | null, fd: number, events: number) => void): NpmEpoll;
    readonly EPOLLIN: number;
  };
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- installed by `--peers all` only
const { Epoll } = require('epoll') as Package;

const counters = new Map<number, () => void>();
const epoll = new Epoll((error, fd) => {
  if (error) throw error;
  counters.get(fd)?.();
});

countDispatches({
  callbacks: (fd, count) => {
    counters.set(fd, count);
    epoll.add(fd, Epoll.EPOLLIN);
    return () => {
      epoll.remove(fd);
      counters.delete(fd);
    };
  },
});
