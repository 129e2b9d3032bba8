import { expect, test } from 'vitest';
import { inChild, type Script } from '../support/child';

// `ready` resolves at once while there is something. A loop of it over a descriptor that stays ready consisted of
// microtasks only, and starved timers and other descriptors.

const script: Script<'epoll' | 'auto' | 'poll' | 'select'> = async (tools, backend) => {
  const { iomux, epoll, descriptors, fs } = tools;
  const [reader, writer] = descriptors.pipe();
  fs.writeSync(writer, 'x');
  const instance = backend === 'epoll' ? new epoll.Epoll() : new iomux.Poller({ backend });
  instance.add(reader, 1);
  const elapsed = { milliseconds: 0 };
  setTimeout(() => {
    elapsed.milliseconds = 20;
  }, 20);
  let answers = 0;
  while (elapsed.milliseconds === 0) {
    await instance.ready();
    answers++;
  }
  return answers > 1;
};

test.each(['epoll', 'auto', 'poll', 'select'] as const)(
  'a loop of ready (%s) on a descriptor that stays ready leaves timers a turn',
  async (backend) => {
    const outcome = await inChild(script, { argument: backend });
    expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '', result: true });
  },
);
