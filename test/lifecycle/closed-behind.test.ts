import { describe, expect, test } from 'vitest';
import { ended, inChild } from '../support/child';

// libuv adds the multiplexer to its own when it next waits, and would abort the process if it was closed by
// then. On the driver `uv` a wait fails only when there is an event.

describe('a multiplexer that somebody else closes', () => {
  test.each(['reactor', 'Poller', 'Epoll', 'Epoll.fromFd'])(
    'in the turn of the first wait: that of the %s is told with the event',
    async (kind) => {
      const outcome = await inChild(
        async ({ iomux, epoll, descriptors, fs }, name: string) => {
          const [reader, writer] = descriptors.pipe();
          // The `fd` of a reactor or poller is not the descriptor that it waits on, which is the next to be opened.
          const next = descriptors.dup(reader);
          descriptors.close(next);
          const begin = (): [number, Promise<unknown>] => {
            if (name === 'reactor') return [next, iomux.readable(reader)];
            if (name === 'Poller') {
              const poller = new iomux.Poller();
              poller.add(reader, 1);
              return [next, poller.ready()];
            }
            const handle =
              name === 'Epoll'
                ? new epoll.Epoll()
                : epoll.Epoll.fromFd(descriptors.dup(new epoll.Epoll().fd));
            handle.add(reader, 1);
            return [handle.fd, handle.ready()];
          };
          const [fd, waiting] = begin();
          fs.closeSync(fd);
          setImmediate(() => fs.writeSync(writer, 'x'));
          return waiting.then(
            () => 'told',
            (error: unknown) => (error as { code?: string }).code,
          );
        },
        { argument: kind },
      );
      expect(outcome).toEqual({ ...ended, result: 'EBADF' });
    },
  );
});
