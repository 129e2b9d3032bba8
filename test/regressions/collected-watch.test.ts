import { expect, test } from 'vitest';
import { ended, inChild } from '../support/child';

// The watch of a handle was garbage collected, and its libuv handle or thread closed, before the environment ended:
// the hook for that end still held a pointer to it. A build with ASan detects this; others may crash or not.

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
  expect(outcome).toMatchObject(ended);
});

test('a handle that somebody waits for is not collected, whoever waits', async () => {
  const outcome = await inChild(
    async ({ iomux, collect }) => {
      const { readable, ready, register, watch, READABLE, Timer } = iomux;
      const timer = () => new Timer({ after: 300 });
      const first = async (mode: 'level' | 'edge') => {
        for await (const readiness of watch(timer(), READABLE, { mode })) return readiness;
        return undefined;
      };
      const waits: Record<string, Promise<unknown>> = {
        readable: readable(timer()),
        ready: ready(timer(), READABLE),
        register: new Promise((resolve) => {
          const registration = register(timer(), READABLE, () => {
            registration.close();
            resolve(undefined);
          });
        }),
        watch: first('level'),
        edges: first('edge'),
      };
      for (let i = 0; i < 5; i++) await collect();
      const ended: string[] = [];
      for (const [name, wait] of Object.entries(waits)) {
        await wait;
        ended.push(name);
      }
      return ended;
    },
    { flags: ['--expose-gc'] },
  );
  const result = ['readable', 'ready', 'register', 'watch', 'edges'];
  expect(outcome).toMatchObject({ result, code: 0, late: false, stderr: '' });
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
  // The last iteration may still hold one of each.
  expect((outcome.result as { left: number }).left).toBeLessThanOrEqual(4);
});
