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
 * A watch that tells when `fd` is readable. It is stopped at first, as are the others.
 * @throws what libuv, or making a thread, answers
 */
export function openWatch(fd: number): NativeWatch {
  return driver === 'uv'
    ? opened(() => new native.LoopWatch(fd))
    : parked(() => new native.ThreadWatch(fd));
}

/** A watch that tells when any of the descriptors is ready that each start of it brings along. */
export function openPollWatch(): NativeWatch {
  return parked(() => new native.ThreadWatch(-1));
}

/** A watch of a multiplexer that collects its events into `batch` before it calls back. */
export function openHarvest(
  fd: number,
  batch: Int32Array,
  onWake: (count: number) => void,
): { watch: NativeWatch; start: () => number } {
  if (driver === 'uv') {
    const watch = opened(() => new native.LoopWatch(fd, batch));
    return { watch, start: () => watch.start(onWake) };
  }
  const watch = parked(() => new native.ThreadWatch(fd, batch));
  // The native side enters from a queue of the runtime's and cannot tell when its microtasks are
  // done. The first immediate afterwards can, and does what LoopWatch does natively.
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

// A watch calls back in the context in which it was made.

function opened(make: () => NativeWatch): NativeWatch {
  return inRootContext(() => {
    const watch = make();
    checkOpened(watch.open(), 'fcntl', 'uv_poll_init');
    return watch;
  });
}

function parked(make: () => NativeWatch): NativeWatch {
  return inRootContext(() => {
    const watch = make();
    checkOpened(watch.open(), wakerCall, 'pthread_create');
    return watch;
  });
}

/** `first`: the call that needs a descriptor. */
function checkOpened(result: number, first: string, call: string): void {
  check(result, result === EMFILE || result === ENFILE ? first : call);
}
