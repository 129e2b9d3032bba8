import { constants } from 'node:os';
import { invalidType, invalidValue, outOfRange, unknownSignal } from '../errors';
import { native } from '../native';

const { SIGRTMIN, SIGRTMAX } = native;
const numbers = new Map<string, number>(Object.entries(constants.signals));
/** If a number has several names, the first one is the usual: SIGABRT, not SIGIOT. */
const names = new Map([...numbers].reverse().map(([name, number]) => [number, name]));
const REALTIME = /^SIGRT(MIN(?=$|\+)|MAX(?=$|-))(?:[+-](\d{1,3}))?$/;
const MOST = Math.max(SIGRTMAX, ...numbers.values());

const { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP } = constants.signals;
const REFUSED = new Map([
  [SIGKILL, 'cannot be handled'],
  [SIGSTOP, 'cannot be handled'],
  // When the handler returns, the instruction that has failed is run again, for ever.
  ...[SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP].map(
    (number) => [number, 'reports a fault after which the program cannot continue'] as const,
  ),
]);

/**
 * The number of a signal that can be received, given as a number, a name of this system, or `SIGRTMIN+n`.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_UNKNOWN_SIGNAL`
 */
export function signalNumber(signal: unknown): number {
  if (typeof signal !== 'string' && typeof signal !== 'number') {
    throw invalidType('signals', 'an iterable of strings or numbers', signal);
  }
  const number = typeof signal === 'number' ? signal : numberOf(signal);
  if (typeof signal === 'number' && !(Number.isInteger(number) && number > 0 && number <= MOST)) {
    throw outOfRange('signals', `the number of a signal, >= 1 && <= ${MOST}`, number);
  }
  const refusal = REFUSED.get(number);
  if (refusal !== undefined) {
    throw invalidValue(
      'signals',
      `must not contain ${signalName(number)}, which ${refusal}`,
      signal,
    );
  }
  return number;
}

export function signalName(number: number): string {
  const name = names.get(number);
  if (name !== undefined) return name;
  return number === SIGRTMIN ? 'SIGRTMIN' : `SIGRTMIN+${number - SIGRTMIN}`;
}

function numberOf(name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  const [, end, distance = '0'] = (REALTIME.exec(name) ?? []) as (string | undefined)[];
  const number = end === 'MIN' ? SIGRTMIN + Number(distance) : SIGRTMAX - Number(distance);
  // SIGRTMAX is 0 where there are no realtime signals.
  if (end === undefined || SIGRTMAX <= 0 || number < SIGRTMIN || number > SIGRTMAX) {
    throw unknownSignal(name);
  }
  return number;
}
