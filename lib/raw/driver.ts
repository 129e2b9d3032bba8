import type { NativeWatch } from '../addon';
import { inRootContext } from '../async-context';
import { setImmediate } from '../clock';
import { check, EMFILE, ENFILE, invalidValue } from '../errors';
import { IN_WAKE, native, WAITING } from '../native';
import { wakerCall } from './waker';

/**
 * How readiness of the multiplexer reaches JavaScript: through libuv, or from a thread where the
 * runtime has no libuv (Bun aborts on `uv_poll_init`). `IOMUX_DRIVER` forces one.
 */
export type Driver = 'uv' | 'thread';

/** Whether the runtime has libuv, whatever the driver is. */
export const hasLibuv = !('bun' in process.versions || 'deno' in process.versions);

export const driver: Driver = chooseDriver(process.env['IOMUX_DRIVER']);

function chooseDriver(forced: string | undefined): Driver {
  if (forced === 'uv' || forced === 'thread') return forced;
  if (forced !== undefined && forced !== '') {
    throw invalidValue('process.env.IOMUX_DRIVER', "must be 'uv' or 'thread'", forced);
  }
  return hasLibuv ? 'uv' : 'thread';
}

/**
 * A watch that calls back when `fd` is readable. With `batch`, `fd` is a multiplexer, whose events have been
 * collected into `batch` by then. All watches are created stopped.
 * @throws the error of libuv, or of creating a thread
 */
export function openWatch(fd: number, batch?: Int32Array): NativeWatch {
  return driver === 'uv'
    ? opened(() => new native.LoopWatch(fd, batch), 'fcntl', 'uv_poll_init')
    : parked(fd, batch);
}

/** A watch that calls back when any of the descriptors is ready that are passed to its `start`. */
export function openPollWatch(): NativeWatch {
  return parked(-1);
}

/** A watch of a multiplexer that calls back with the number of events that it has collected into `batch`. */
export function openHarvest(
  fd: number,
  batch: Int32Array,
  onWake: (count: number) => void,
): { watch: NativeWatch; start: () => number } {
  const watch = openWatch(fd, batch);
  if (driver === 'uv') return { watch, start: () => watch.start(onWake) };
  // The native side is called from a queue of the runtime, and cannot know when the microtasks are done. The
  // first immediate runs after them, and does what LoopWatch does natively.
  const endWake = (): void => {
    batch[IN_WAKE] = 0;
    if (batch[WAITING] > 0) watch.ref();
    else watch.unref();
    watch.resume?.();
  };
  const wake = (count: number): void => {
    onWake(count);
    setImmediate(endWake);
  };
  return { watch, start: () => watch.start(wake) };
}

function parked(fd: number, batch?: Int32Array): NativeWatch {
  return opened(() => new native.ThreadWatch(fd, batch), wakerCall, 'pthread_create');
}

/** For error messages, `first` is the call that needs a descriptor, `then` the one that needs anything else. */
function opened(make: () => NativeWatch, first: string, then: string): NativeWatch {
  // A watch calls back in the context in which it was created.
  return inRootContext(() => {
    const watch = make();
    const result = watch.open();
    check(result, result === EMFILE || result === ENFILE ? first : then);
    return watch;
  });
}
