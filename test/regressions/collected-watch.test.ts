import { expect, test } from 'vitest';
import { inChild } from '../support/child';

// The watch of a handle is collected, and its libuv handle or its thread closed, before the end of the
// environment asks it to close: the hook for that held a pointer to it. A build with ASan sees it, others
// may crash or not.

test('a process ends well right after handles that have waited were collected', async () => {
  const outcome = await inChild(
    async ({ iomux, epoll, collect }) => {
      const use = async (): Promise<void> => {
        for (const handle of [
          ...Array.from({ length: 20 }, () => new epoll.Epoll()),
          ...Array.from({ length: 20 }, () => new iomux.Poller()),
          new iomux.Poller({ backend: 'poll' }),
        ]) {
          const controller = new AbortController();
          const waiting = handle.ready({ signal: controller.signal }).catch(() => undefined);
          controller.abort();
          await waiting;
        }
      };
      await use();
      await collect();
      await use();
      (globalThis as unknown as { gc: () => void }).gc();
      // The finalizers run as immediates, before this one; the handles are still being closed.
      setImmediate(() => process.exit());
    },
    { flags: ['--expose-gc'] },
  );
  expect(outcome).toMatchObject({ code: 0, signal: null, late: false, stderr: '' });
});

test('the descriptors of handles that were collected are closed', async () => {
  const outcome = await inChild(
    async ({ iomux, epoll, collect, openDescriptors }) => {
      const use = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          for (const handle of [new epoll.Epoll(), new iomux.Poller()]) {
            const controller = new AbortController();
            const waiting = handle.ready({ signal: controller.signal }).catch(() => undefined);
            controller.abort();
            await waiting;
          }
        }
      };
      await use(1);
      await collect();
      const before = openDescriptors();
      await use(20);
      const meanwhile = openDescriptors() - before;
      for (let i = 0; i < 5; i++) await collect();
      return { meanwhile: meanwhile >= 40, left: openDescriptors() - before };
    },
    { flags: ['--expose-gc'] },
  );
  expect(outcome).toMatchObject({ code: 0, stderr: '', result: { meanwhile: true } });
  // One of each may be what the last loop still holds.
  expect((outcome.result as { left: number }).left).toBeLessThanOrEqual(4);
});
