import { invalidValue } from '../errors';
import { IN_WAKE, native, type NativeWatch, WAITING } from '../native';

/**
 * How readiness of the multiplexer reaches JavaScript: through libuv, or from a thread where the
 * runtime has no libuv (Bun aborts on `uv_poll_init`). `IOMUX_DRIVER` forces one.
 */
export type Driver = 'uv' | 'thread';

export const driver: Driver = chooseDriver(process.env['IOMUX_DRIVER']);

function chooseDriver(forced: string | undefined): Driver {
  if (forced === 'uv' || forced === 'thread') return forced;
  if (forced !== undefined && forced !== '') {
    throw invalidValue('process.env.IOMUX_DRIVER', "must be 'uv' or 'thread'", forced);
  }
  return 'bun' in process.versions || 'deno' in process.versions ? 'thread' : 'uv';
}

/** A watch that tells when `fd` is readable. It is stopped at first. */
export function openWatch(fd: number): { watch: NativeWatch; result: number } {
  const watch = driver === 'uv' ? new native.LoopWatch(fd) : new native.ThreadWatch(fd);
  return { watch, result: watch.open() };
}

/** A watch that tells when any of the descriptors is ready that each start of it brings along. */
export function openPollWatch(): { watch: NativeWatch; result: number } {
  const watch = new native.ThreadWatch(-1);
  return { watch, result: watch.open() };
}

/** A watch of a multiplexer that collects its events into `batch` before it calls back. */
export function openHarvest(
  fd: number,
  batch: Int32Array,
  onWake: (count: number) => void,
): { watch: NativeWatch; result: number; start: () => void } {
  if (driver === 'uv') {
    const watch = new native.LoopWatch(fd, batch);
    return {
      watch,
      result: watch.open(),
      start: () => {
        watch.start(onWake);
      },
    };
  }
  const watch = new native.ThreadWatch(fd, batch);
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
  return {
    watch,
    result: watch.open(),
    start: () => {
      watch.start(wake);
    },
  };
}
