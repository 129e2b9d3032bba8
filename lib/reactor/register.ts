import { busyError } from '../errors';
import type { Readiness } from '../poll/events';
import type { Interest, Mode } from '../poll/interest';
import type { Dispatcher } from './dispatcher';
import type { Source } from '../validate';
import { Registration } from './registration';

/**
 * Enters a callback for a descriptor; the arguments are those of `Reactor.register`, checked.
 * @throws `ERR_BUSY`, `EPERM`, `EBADF`
 */
export function registerWith(
  dispatcher: Dispatcher,
  source: Source,
  fd: number,
  interest: Interest,
  mode: Mode,
  callback: (readiness: Readiness) => void,
  onAbandon: ((reason: Error) => void) | undefined,
): Registration {
  const slot = dispatcher.set.slotOf(fd);
  const edge = mode === 'edge';
  const taken = slot.owner !== null || slot.registrations.some((one) => one.edge !== edge);
  if (taken) throw busyError(`Descriptor ${fd} is registered in another mode`);
  const result = dispatcher.arm(slot, interest, edge);
  if (result < 0) throw dispatcher.failure(result, fd);
  const registration = new Registration(
    dispatcher,
    slot,
    source,
    interest,
    mode,
    callback,
    onAbandon,
  );
  slot.registrations = [...slot.registrations, registration];
  dispatcher.keepAlive(1);
  return registration;
}
