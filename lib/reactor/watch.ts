import { closedError } from '../errors';
import { type Readiness, readinessBits, readinessOf } from '../poll/events';
import type { Interest } from '../poll/interest';
import { type Abortable, liveSignal, type Source } from '../validate';
import type { Reactor } from './reactor';

/** Asks anew for every readiness, so that nothing is registered while nobody waits. */
export async function* watchLevel(
  reactor: Reactor,
  source: Source,
  interest: Interest,
  o: Abortable | undefined,
): AsyncGenerator<Readiness, void, undefined> {
  for (;;) {
    const closings = reactor.closingsOf(source);
    yield await reactor.ready(source, interest, o);
    if (reactor.closingsOf(source) !== closings) throw closedError('source');
  }
}

/**
 * Stays registered between two readinesses, and gathers what arrives meanwhile. Only who waits for the
 * next one keeps the process alive.
 */
export async function* watchEdges(
  reactor: Reactor,
  source: Source,
  interest: Interest,
  o: Abortable | undefined,
): AsyncGenerator<Readiness, void, undefined> {
  const signal = liveSignal(o);
  let gathered = 0;
  let failure: { reason: unknown } | undefined;
  let wake: (() => void) | undefined;
  const fail = (reason: unknown): void => {
    failure ??= { reason };
    wake?.();
  };
  const onAbort = (): void => {
    fail(signal?.reason);
  };
  const onReady = (readiness: Readiness): void => {
    gathered |= readinessBits(readiness);
    wake?.();
  };
  const registration = reactor.register(source, interest, onReady, { mode: 'edge' }, fail);
  registration.unref();
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      registration.ref();
      while (gathered === 0 && failure === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      registration.unref();
      if (failure !== undefined) throw failure.reason;
      const ready = gathered;
      gathered = 0;
      yield readinessOf(ready);
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    registration.close();
  }
}
