// What the calls of one run are made on: some of everything, open and closed, and how it all ends.
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FileWatch, Poller, Reactor, reactor, register, Signals, Timer, Waker } from 'iomux';
import { Epoll } from 'iomux/epoll';
import { Kqueue } from 'iomux/kqueue';
import { connect, listen } from 'iomux/net';

const require = createRequire(import.meta.url);
const descriptors = require('node-gyp-build')(
  fileURLToPath(new URL('../../support', import.meta.url)),
);

/** The raw handle of this system. Making the other one is refused. */
export const Multiplexer = process.platform === 'linux' ? Epoll : Kqueue;
const NEVER_OPEN = 2 ** 31 - 1;

export class Scene {
  signal = new AbortController();
  /** Whatever a call has made, to be closed in the end. */
  made = new Set();
  duplicates = [];
  /** The first promise that was rejected with something else than a proper error. */
  failure = undefined;
  /** Promises that have not been settled, and the calls that they came from. */
  pending = new Map();

  static async open() {
    const scene = new Scene();
    await scene.#fill();
    return scene;
  }

  async #fill() {
    const pair = descriptors.socketPair(true);
    const file = openSync(fileURLToPath(import.meta.url), 'r');
    this.descriptors = [...descriptors.pipe(), ...pair, file, openSync('/', 'r')];
    writeSync(pair[1], 'something to read');

    this.multiplexers = [new Multiplexer(), new Multiplexer()];
    this.pollers = [{}, { backend: 'poll' }, { backend: 'select' }, {}].map((o) => new Poller(o));
    this.reactors = [reactor, new Reactor(), new Reactor()];
    this.reactors[2].readable(pair[0]).catch(() => undefined);
    this.registrations = [1, 1].map(() => register(pair[0], 1, () => undefined, { mode: 'edge' }));
    this.timers = [{ after: 0.1 }, { after: 1e9 }, undefined].map((o) => new Timer(o));
    this.wakers = [new Waker(), new Waker()];
    const paths = ['.', './scene.mjs'].map((path) => new URL(path, import.meta.url));
    const watches = paths.map((path) => new FileWatch(path));
    this.eventSources = [...watches, new Signals(['SIGWINCH']), new Signals(['SIGUSR2'])];
    this.listeners = [await loopback(), await loopback()];
    this.port = this.listeners[0].address.port;
    const accepted = this.listeners[0].accept();
    this.streams = [await connect({ host: '127.0.0.1', port: this.port }), await accepted];
    // The last of each kind is closed.
    const kinds = ['multiplexers', 'pollers', 'reactors', 'registrations', 'listeners'];
    for (const kind of [...kinds, 'timers', 'wakers', 'eventSources']) {
      for (const handle of this[kind]) if (handle !== reactor) this.made.add(handle);
      this[kind].at(-1).close();
    }
    for (const stream of this.streams) this.made.add(stream);
  }

  get sources() {
    const { pollers, multiplexers, listeners, streams, registrations } = this;
    const { timers, wakers, eventSources } = this;
    const ours = [pollers, multiplexers, listeners, streams, registrations];
    const handles = [...ours, timers, wakers, eventSources].flat();
    return [...this.descriptors, NEVER_OPEN, { fd: this.descriptors[0] }, ...handles];
  }

  /** A descriptor of the raw handle, to be taken over. */
  newDuplicate() {
    const duplicate = descriptors.dup(this.multiplexers[0].fd);
    this.duplicates.push(duplicate);
    return duplicate;
  }

  /** As it must be before anything is closed that somebody may wait for. */
  tellOfClosing(handle) {
    const fd = typeof handle === 'number' ? handle : handle.fd;
    if (fd >= 0) for (const one of this.reactors) one.notifyClosing(fd);
  }

  /** Closes everything, and waits for every promise to be settled. */
  async close() {
    this.signal.abort();
    this.#closeMade();
    for (const fd of this.descriptors) this.tellOfClosing(fd);
    await this.#settled();
    this.#closeMade();
    for (const fd of this.descriptors) closeSync(fd);
    for (const fd of this.duplicates) closeUnlessAdopted(fd);
    if (this.failure !== undefined) throw this.failure;
  }

  #closeMade() {
    for (const handle of this.made) {
      this.tellOfClosing(handle);
      if ('destroy' in handle) handle.destroy();
      else handle.close();
    }
    this.made.clear();
  }

  async #settled() {
    const deadline = performance.now() + 10_000;
    while (this.pending.size > 0) {
      if (performance.now() > deadline) {
        throw new Error(`never settled: ${[...this.pending.values()].join(', ')}`);
      }
      await setImmediate();
    }
  }
}

function loopback() {
  return listen({ host: '127.0.0.1', port: 0 });
}

function closeUnlessAdopted(fd) {
  try {
    closeSync(fd);
  } catch (error) {
    if (error.code !== 'EBADF') throw error;
  }
}

/** Waits until no more descriptors are open than `allowed`, or for long enough to be sure. */
export async function expectDescriptors(allowed) {
  let open = countDescriptors();
  for (let turn = 0; turn < 100 && open > allowed; turn++) {
    await setImmediate();
    open = countDescriptors();
  }
  if (open > allowed) throw new Error(`${open - allowed} descriptors were left open`);
}

export function countDescriptors() {
  return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length;
}
