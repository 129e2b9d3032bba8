import type { Programs } from './programs';

/** About events. */
export const events: Programs = {
  'tells of what is ready with null, the descriptor and the events, until it is not': [
    (Epoll, { descriptors, fs }) =>
      new Promise((resolve) => {
        const [reader, writer] = descriptors.pipe();
        const told: unknown[] = [];
        let turns = 0;
        const epoll = new Epoll((...event) => {
          if (event[1] === writer) {
            // Always ready, unlike everything else by now.
            if (told.length < 3 || ++turns < 5) return;
            epoll.close();
            resolve(told);
          } else {
            told.push(event.map((value) => (value === reader ? 'reader' : value)));
            if (told.length === 3) fs.readSync(reader, Buffer.alloc(1));
          }
        });
        fs.writeSync(writer, 'x');
        epoll.add(reader, Epoll.EPOLLIN).add(writer, Epoll.EPOLLOUT);
      }),
    [0, 1, 2].map(() => [null, 'reader', 1]),
  ],

  'gives everything that is ready its turn': [
    (Epoll, { descriptors }) =>
      new Promise((resolve) => {
        const told = new Set<number>();
        const epoll = new Epoll((_, fd) => {
          told.add(fd);
          if (told.size < 3) return;
          epoll.close();
          resolve('all');
        });
        for (let i = 0; i < 3; i++) epoll.add(descriptors.pipe()[1], Epoll.EPOLLOUT);
      }),
    'all',
  ],

  'is told once that something has arrived, with EPOLLET': [
    (Epoll, { descriptors, fs }) =>
      new Promise((resolve) => {
        const [reader, writer] = descriptors.pipe();
        const happened = ['written'];
        let turns = 0;
        const epoll = new Epoll((_, fd) => {
          if (fd === reader) {
            happened.push('told');
            turns = 0;
          } else if (++turns === 5) {
            turns = 0;
            if (happened.length >= 6) {
              epoll.close();
              resolve(happened);
            } else {
              fs.writeSync(writer, 'x');
              happened.push('written');
            }
          }
        });
        fs.writeSync(writer, 'x');
        epoll.add(reader, Epoll.EPOLLIN | Epoll.EPOLLET).add(writer, Epoll.EPOLLOUT);
      }),
    ['written', 'told', 'written', 'told', 'written', 'told'],
  ],

  'is told once altogether, and again after modify, with EPOLLONESHOT': [
    (Epoll, { descriptors, fs }) =>
      new Promise((resolve) => {
        const [reader, writer] = descriptors.pipe();
        const once = Epoll.EPOLLIN | Epoll.EPOLLONESHOT;
        const happened = ['armed'];
        let turns = 0;
        const epoll = new Epoll((_, fd) => {
          if (fd === reader) {
            happened.push('told');
            turns = 0;
          } else if (++turns === 5) {
            turns = 0;
            if (happened.length >= 6) {
              epoll.remove(reader).close();
              resolve(happened);
            } else {
              epoll.modify(reader, once);
              happened.push('armed');
            }
          }
        });
        fs.writeSync(writer, 'x');
        epoll.add(reader, once).add(writer, Epoll.EPOLLOUT);
      }),
    ['armed', 'told', 'armed', 'told', 'armed', 'told'],
  ],

  'tells of errors, ends, urgent data and half-closed peers by their flags': [
    async (Epoll, { descriptors }) => {
      const first = (fd: number, wanted: number): Promise<number> =>
        new Promise((resolve) => {
          const epoll = new Epoll((_, ready, told) => {
            epoll.remove(ready).close();
            resolve(told);
          });
          epoll.add(fd, wanted);
        });
      const [reader, writer] = descriptors.pipe();
      descriptors.close(writer);
      const [otherReader, otherWriter] = descriptors.pipe();
      descriptors.close(otherReader);
      const [urgent, sender] = descriptors.tcpPair();
      descriptors.sendUrgent(sender);
      const [half, closing] = descriptors.socketPair(true);
      descriptors.shutdown(closing, 1);
      return [
        await first(reader, Epoll.EPOLLIN),
        await first(otherWriter, 0),
        await first(urgent, Epoll.EPOLLPRI),
        await first(half, Epoll.EPOLLRDHUP),
      ];
    },
    [16, 8, 2, 0x2000],
  ],

  'tells nothing of what the callback before has removed': [
    (Epoll, { descriptors }) =>
      new Promise((resolve) => {
        const [removing, removed] = [0, 1].map(() => descriptors.pipe()[1]);
        let told = 0;
        const epoll = new Epoll((_, fd) => {
          if (fd === removed) throw new Error('removed');
          if (++told === 1) epoll.remove(removed);
          if (told < 4) return;
          epoll.close();
          resolve(told);
        });
        // The other one is ready too by then, but its turn has not come.
        epoll.add(removing, Epoll.EPOLLOUT).add(removed, Epoll.EPOLLOUT);
      }),
    4,
  ],

  'tells each of its own descriptors, and nothing once closed': [
    (Epoll, { descriptors }) =>
      new Promise((resolve) => {
        const [a, b] = [0, 1].map(() => descriptors.pipe()[1]);
        const told: string[] = [];
        const one = new Epoll((_, fd) => {
          told.push(fd === a ? 'one: a' : 'one: b');
          one.close();
        });
        const two = new Epoll((_, fd) => {
          told.push(fd === b ? 'two: b' : 'two: a');
          if (told.length < 4) return;
          two.close();
          resolve(told);
        });
        one.add(a, Epoll.EPOLLOUT);
        two.add(b, Epoll.EPOLLOUT);
      }),
    ['one: a', 'two: b', 'two: b', 'two: b'],
  ],

  'lets ticks, promises and timers run between two events': [
    (Epoll, { descriptors }) =>
      new Promise((resolve) => {
        const [, writer] = descriptors.pipe();
        const told: string[] = [];
        let timer = false;
        const epoll = new Epoll(() => {
          if (timer && told.length >= 9) {
            epoll.close();
            resolve(told.slice(0, 9));
          }
          told.push('event');
          process.nextTick(() => told.push('tick'));
          void Promise.resolve().then(() => told.push('promise'));
        });
        setTimeout(() => (timer = true), 1);
        epoll.add(writer, Epoll.EPOLLOUT);
      }),
    [0, 1, 2].flatMap(() => ['event', 'tick', 'promise']),
  ],
};

/** Those that are in a process alone. */
export const alone: Programs = {
  'makes what the callback throws an uncaught exception, and goes on': [
    (Epoll, { descriptors }) =>
      new Promise((resolve) => {
        const [, writer] = descriptors.pipe();
        const caught: string[] = [];
        process.on('uncaughtException', (error) => caught.push(error.message));
        let told = 0;
        const epoll = new Epoll(() => {
          told++;
          if (told < 3) throw new Error(`thrown ${told}`);
          epoll.close();
          resolve(caught);
        });
        epoll.add(writer, Epoll.EPOLLOUT);
      }),
    ['thrown 1', 'thrown 2'],
  ],

  'is not collected while something is added': [
    async (Epoll, { descriptors, fs, collect }) => {
      const [reader, writer] = descriptors.pipe();
      const told = new Promise((resolve) => {
        new Epoll((_, fd) => {
          fs.readSync(fd, Buffer.alloc(1));
          resolve('told');
        }).add(reader, Epoll.EPOLLIN);
      });
      await collect();
      fs.writeSync(writer, 'x');
      const answer = await told;
      // Nothing can remove it any more.
      setImmediate(() => process.exit());
      return answer;
    },
    'told',
  ],

  'keeps the process alive until the last descriptor is removed': [
    (Epoll, { descriptors, fs }) => {
      const [reader, writer] = descriptors.pipe();
      const [other] = descriptors.pipe();
      const told = new Promise((resolve) => {
        const epoll = new Epoll((_, fd) => {
          epoll.remove(fd);
          resolve('still there');
        });
        epoll.add(reader, Epoll.EPOLLIN);
      });
      new Epoll(() => undefined).add(other, Epoll.EPOLLIN).remove(other);
      setTimeout(() => fs.writeSync(writer, 'x'), 50).unref();
      return told;
    },
    'still there',
  ],
};
