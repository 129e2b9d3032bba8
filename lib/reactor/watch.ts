import { closedError } from '../errors';
import { Iteration } from '../iteration';
import { type Readiness, readinessBits, readinessOf } from '../poll/events';
import type { Interest } from '../poll/interest';
import type { Source } from '../validate';
import type { Reactor } from './reactor';
import type { Registration } from './registration';

/** Every step is a new wait, so that nothing is registered in between. */
export function watchLevel(
  reactor: Reactor,
  source: Source,
  interest: Interest,
  signal: AbortSignal | undefined,
): Iteration<Readiness> {
  let closings: number | undefined;
  return new Iteration(async (ending) => {
    // Closed since the last step, so the number may be another file's.
    if (closings !== undefined && reactor.closingsOf(source) !== closings)
      throw closedError('source');
    closings = reactor.closingsOf(source);
    return reactor.ready(source, interest, { signal: ending });
  }, signal);
}

/**
 * Stays registered between two steps, and gathers what arrives meanwhile. Only a pending `next` keeps the
 * process alive.
 */
export function watchEdges(
  reactor: Reactor,
  source: Source,
  interest: Interest,
  signal: AbortSignal | undefined,
): Iteration<Readiness> {
  let gathered = 0;
  let failure: { reason: unknown } | undefined;
  let registration: Registration | undefined;
  let pending = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  const fail = (reason: unknown): void => {
    failure ??= { reason };
    wake();
  };
  const onReady = (readiness: Readiness): void => {
    gathered |= readinessBits(readiness);
    wake();
  };
  const begin = (ending: AbortSignal): Registration => {
    ending.throwIfAborted();
    const begun = reactor.register(source, interest, onReady, { mode: 'edge' }).unref();
    begun.onAbandon = fail;
    ending.addEventListener('abort', () => {
      begun.close();
      fail(ending.reason);
    });
    return begun;
  };
  return new Iteration(async (ending) => {
    registration ??= begin(ending);
    registration.ref();
    pending++;
    while (gathered === 0 && failure === undefined) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (--pending === 0) registration.unref();
    if (failure !== undefined) throw failure.reason;
    const ready = gathered;
    gathered = 0;
    return readinessOf(ready);
  }, signal);
}
