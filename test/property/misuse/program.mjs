// Calls everything with anything: each call must work, or fail with an Error that has a code.
// Run by misuse.test.ts in a process of its own, with a seed; prints how many calls it made.
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import * as iomux from 'iomux';
import { Epoll } from 'iomux/epoll';
import { Kqueue } from 'iomux/kqueue';
import * as net from 'iomux/net';
import * as select from 'iomux/select';
import { countDescriptors, expectDescriptors, Multiplexer, Scene } from './scene.mjs';
import * as a from './values.mjs';

const waiting = {
  readable: [a.source, a.abortable],
  writable: [a.source, a.abortable],
  priority: [a.source, a.abortable],
  ready: [a.source, a.interest, a.abortable],
  watch: [a.source, a.interest, a.abortable],
  register: [a.source, a.interest, a.callback, a.registering],
};
const counting = { ref: [], unref: [] };
const iterated = { [Symbol.asyncIterator]: [], close: [], ...counting };
const taking = { wait: [a.abortable], tryTake: [], ...iterated };
const raw = { ready: [a.abortable], ...counting };
const epoll = {
  add: [a.source, a.mask, a.data],
  modify: [a.source, a.mask, a.data],
  delete: [a.source],
  wait: [a.limited],
};

/** The public API: on which objects, which methods, with what. */
const API = [
  [() => [iomux], { ...waiting, notifyClosing: [a.source] }],
  [({ reactors }) => reactors, { ...waiting, notifyClosing: [a.source], statistics: [] }],
  [({ reactors }) => reactors.slice(1), { close: [] }],
  [
    ({ pollers }) => pollers,
    {
      add: [a.source, a.interest, a.registering],
      modify: [a.source, a.interest, a.registering],
      delete: [a.source],
      wait: [a.blocking],
      ready: [a.abortable],
      notify: [],
      close: [],
      ...counting,
    },
  ],
  [() => [iomux.Poller], { new: [a.backend], notify: [a.handle] }],
  [() => [iomux.Reactor], { new: [] }],
  [
    ({ multiplexers }) => multiplexers,
    Multiplexer === Epoll ? { ...epoll, ...raw } : { kevent: [a.changes, a.limited], ...raw },
  ],
  // Not `close`: what others have been made of stays.
  [() => [Epoll, Kqueue], { new: [], fromFd: [a.adopted] }],
  [({ registrations }) => registrations, { modify: [a.interest], close: [], ...counting }],
  [() => [iomux.Timer], { new: [a.setting] }],
  [({ timers }) => timers, { set: [a.setting], clear: [], ...taking }],
  [() => [iomux.Waker], { new: [], from: [a.wakerHandle] }],
  [({ wakers }) => wakers, { wake: [], ...taking }],
  [() => [iomux.Signals], { new: [a.signals] }],
  [() => [iomux.FileWatch], { new: [a.path, a.watching] }],
  [({ eventSources }) => eventSources, { receive: [a.abortable], ...iterated }],
  [() => [iomux], { processExit: [a.noProcess, a.abortable] }],
  [() => [select], { select: [a.sources, a.sources, a.sources, a.blocking] }],
  [() => [select], { poll: [a.entries, a.blocking] }],
  [() => [net], { connect: [a.address, a.abortable], listen: [a.ownAddress] }],
  [
    ({ listeners }) => listeners,
    { accept: [a.abortable], serve: [a.callback], [Symbol.asyncIterator]: [], close: [] },
  ],
  [
    ({ streams }) => streams,
    {
      read: [a.room],
      tryRead: [a.room],
      write: [a.chunk],
      tryWrite: [a.chunk],
      shutdown: [],
      close: [],
      destroy: [],
      ...counting,
    },
  ],
];

const call = fc
  .constantFrom(
    ...API.flatMap(([targets, methods]) =>
      Reflect.ownKeys(methods).map((method) => ({ targets, method, parameters: methods[method] })),
    ),
  )
  .chain(({ targets, method, parameters }) =>
    fc.tuple(fc.nat(1000), fc.tuple(...parameters)).map(([at, args]) => ({
      targets,
      method,
      at,
      args,
      toString: () => `${String(method)}(${fc.stringify(args)})`,
    })),
  );

let calls = 0;

function make(scene, { targets, method, at, args }) {
  const targetsNow = targets(scene);
  const target = targetsNow[at % targetsNow.length];
  const given = args.map((argument) => a.resolve(argument, scene));
  calls++;
  if (method === 'close') scene.tellOfClosing(target);
  return method === 'new' ? new target(...given) : target[method](...given);
}

/** What a call has answered: promises are awaited, handles closed in the end. */
function keep(scene, answer, name) {
  if (typeof answer !== 'object' || answer === null || answer === iomux.reactor) return;
  if (typeof answer.return === 'function') return keep(scene, answer.next(), name);
  if ('close' in answer || 'destroy' in answer) scene.made.add(answer);
  if (typeof answer.then !== 'function') return;
  scene.pending.set(answer, name);
  answer
    .then(
      (value) => keep(scene, value?.value ?? value, name),
      (error) => expectCode(error, name),
    )
    .catch((failure) => (scene.failure ??= failure))
    .finally(() => scene.pending.delete(answer));
}

function expectCode(error, name) {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof Error && typeof error.code === 'string') return;
  throw new Error(`${name} failed without a code`, { cause: error });
}

async function run(list) {
  const scene = await Scene.open();
  try {
    for (const one of list) {
      try {
        keep(scene, make(scene, one), String(one));
      } catch (error) {
        expectCode(error, String(one));
      }
      if (one.at % 8 === 0) await setImmediate();
    }
  } finally {
    await scene.close();
  }
}

const seed = Number(process.argv[2]);
await run([]);
await fc.assert(
  fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 200, size: 'max' }), async (list) => {
    const allowed = countDescriptors();
    await run(list);
    await expectDescriptors(allowed);
  }),
  { seed, numRuns: 150 },
);
process.stdout.write(String(calls));
