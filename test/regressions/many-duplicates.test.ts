import { describe, expect, test } from 'vitest';
import { ended, inChild } from '../support/child';

// In Linux, at most 500 paths of length two may lead to one open file, and our multiplexer within libuv's makes such
// paths. With more duplicates of one file, libuv could not add our multiplexer, and aborted the process.

const overUv = process.env['IOMUX_DRIVER'] === 'uv' && process.platform === 'linux';
describe('more than 500 duplicates of one open file', () => {
  test('do not abort the process: those too many are refused, the others told', async () => {
    const outcome = await inChild(async ({ iomux, descriptors, fs }) => {
      const [reader, writer] = descriptors.pipe();
      const waiting = Array.from({ length: 600 }, () => iomux.readable(descriptors.dup(reader)));
      fs.writeSync(writer, 'x');
      const answers: Record<string, number> = {};
      for (const answer of await Promise.allSettled(waiting)) {
        const name = answer.status === 'rejected' ? (answer.reason as Error).message : 'told';
        answers[name] = (answers[name] ?? 0) + 1;
      }
      return answers;
    });
    const result = overUv
      ? { told: 500, 'EINVAL: invalid argument, epoll_ctl': 100 }
      : { told: 600 };
    expect(outcome).toEqual({ ...ended, result });
  });

  test.each(['Epoll', 'Poller'] as const)(
    'fail the `ready` of the %s that has them, until some are deleted',
    async (kind) => {
      const outcome = await inChild(
        async ({ iomux, epoll, descriptors, fs }, name: 'Epoll' | 'Poller') => {
          const [reader, writer] = descriptors.pipe();
          const handle = name === 'Epoll' ? new epoll.Epoll() : new iomux.Poller();
          const fds = Array.from({ length: 600 }, () => descriptors.dup(reader));
          for (const fd of fds) handle.add(fd, 1);
          setImmediate(() => fs.writeSync(writer, 'x'));
          const answerOf = (ready: Promise<readonly unknown[]>): Promise<unknown> =>
            ready.then(
              ({ length }) => length,
              (error: unknown) => (error as { code: string }).code,
            );
          const before = await answerOf(handle.ready());
          for (const fd of fds.splice(0, 200)) handle.delete(fd);
          return [before, await answerOf(handle.ready())];
        },
        { argument: kind },
      );
      expect(outcome).toEqual({ ...ended, result: [overUv ? 'EINVAL' : 600, 400] });
    },
  );
});
