// Arguments, right and wrong. What depends on the scene is chosen when the call is made.
import fc from 'fast-check';

const aborted = AbortSignal.abort(Object.assign(new Error('aborted'), { code: 'ABORTED' }));

const neverRight = [NaN, -2, -1.5, -Infinity];
const numbers = [...neverRight, 0.5, 2 ** 31, 2 ** 32, 2 ** 53];
const others = [null, '', '0', 'x', 1n, true, Symbol('symbol'), () => 0];
const objects = [{}, [], Object.create(null), { fd: -1 }, { fd: '0' }, { fd: NaN }, { fd: null }];

/** Right or wrong where it is: a value that was made without looking. */
const anything = fc.constantFrom(undefined, -1, 0, 1, Infinity, ...numbers, ...others, ...objects);

/** Chosen when the call is made: something of the scene. */
const ofScene = (name, choose) =>
  fc.nat(1000).map((at) => ({ [Choice]: (scene) => choose(scene, at), toString: () => name }));
const Choice = Symbol('choice');

export function resolve(argument, scene) {
  if (typeof argument !== 'object' || argument === null) return argument;
  if (Choice in argument) return argument[Choice](scene);
  if (Object.getPrototypeOf(argument) !== Object.prototype) return argument;
  return Object.fromEntries(
    Object.entries(argument).map(([name, value]) => [name, resolve(value, scene)]),
  );
}

const pick = (list, at) => list[at % list.length];
const usually = (right, wrong = anything) => fc.oneof({ weight: 3, arbitrary: right }, wrong);
const record = (model) => fc.record(model, { noNullPrototype: true });
const object = (model) => fc.record(model, { requiredKeys: [], noNullPrototype: true });

// Nothing that is open but the scene's own: 0 and 1 are not ours.
const noSource = fc.constantFrom(undefined, -1, ...numbers, ...others, ...objects);
export const source = usually(
  ofScene('source', (scene, at) => pick(scene.sources, at)),
  noSource,
);
export const interest = usually(fc.integer({ min: 1, max: 7 }));
export const mask = usually(fc.constantFrom(0, 1, 4, 5, 2 ** 30, 2 ** 31 + 1));
export const data = usually(fc.maxSafeNat());
const mode = usually(fc.constantFrom('level', 'edge', 'oneshot'));
export const registering = usually(object({ mode, token: anything }));
const signal = usually(
  fc.oneof(
    fc.constantFrom(undefined, aborted),
    ofScene('signal', (scene) => scene.signal.signal),
  ),
  fc.oneof(anything, fc.constantFrom({ aborted: true }, { aborted: false })),
);
const maxEvents = usually(fc.integer({ min: 1, max: 2000 }));
export const abortable = usually(object({ signal, maxEvents }));
// Without a timeout it would block, and rightly so.
export const blocking = usually(
  record({
    timeout: usually(fc.constantFrom(0, 0.1, 1), fc.constantFrom(...neverRight, ...others)),
  }),
  fc.constantFrom(...others),
);
export const limited = usually(
  record({ timeout: fc.constantFrom(0, 0.5), maxEvents }),
  fc.constantFrom(...others),
);
export const sources = usually(fc.array(source, { maxLength: 4 }));
export const entries = usually(
  fc.array(usually(record({ source, events: mask })), { maxLength: 4 }),
);
export const changes = usually(
  fc.array(usually(record({ ident: source, filter: mask, flags: mask })), { maxLength: 4 }),
);
export const backend = usually(
  object({ backend: usually(fc.constantFrom('auto', 'epoll', 'kqueue', 'poll', 'select')) }),
);
export const handle = usually(
  ofScene('notifyHandle', ({ pollers }, at) => pick(pollers.slice(0, -1), at).notifyHandle),
  noSource,
);
export const wakerHandle = usually(
  ofScene('wakerHandle', ({ wakers }, at) => pick(wakers.slice(0, -1), at).handle),
  noSource,
);
const duration = usually(fc.oneof(fc.double({ min: 0, max: 1e9 }), fc.bigInt({ min: 1n })));
const time = usually(fc.oneof(fc.double(), fc.bigInt(), fc.date({ noInvalidDate: false })));
export const setting = usually(object({ after: duration, every: duration, at: time }));
// None that means something to the runner of the tests.
export const signals = usually(
  fc.array(usually(fc.constantFrom('SIGWINCH', 'SIGUSR2', 'SIGRTMIN+3', 'SIGKILL', 12, 28, 65))),
);
export const path = usually(
  fc.constantFrom(import.meta.filename, Buffer.from('/'), new URL('file:///'), '/none', 'a\0b'),
);
export const watching = usually(object({ encoding: usually(fc.constantFrom('utf8', 'buffer')) }));
// Whatever there is would be waited for.
export const noProcess = anything.filter((value) => value !== 1);
export const adopted = usually(
  ofScene('duplicate', (scene) => scene.newDuplicate()),
  fc.oneof(
    ofScene('descriptor', ({ descriptors }, at) => pick(descriptors, at)),
    noSource,
  ),
);
export const callback = usually(fc.constant(() => undefined));
export const room = usually(fc.constantFrom(...[0, 1, 100000].map((size) => new Uint8Array(size))));
export const chunk = usually(fc.constantFrom('', 'text', Buffer.alloc(0), Buffer.alloc(100000)));
// No name that somebody would have to be asked about.
const host = usually(
  fc.constantFrom('127.0.0.1', '::1', 'localhost'),
  fc.constantFrom('', undefined, ...numbers, null, 1n, true, {}, []),
);
const port = usually(
  fc.oneof(
    fc.constantFrom(0, 1),
    ofScene('port', (scene) => scene.port),
  ),
  fc.oneof(anything, fc.constantFrom(65536, '80')),
);
const noDelay = usually(fc.boolean());
const addressWith = (port) =>
  usually(record({ host, port, noDelay, backlog: usually(fc.nat(10)) }));
export const address = addressWith(port);
// Other tests, which may run now, are refused at port 1.
export const ownAddress = addressWith(port.filter((value) => value !== 1));
