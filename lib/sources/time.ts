import { types } from 'node:util';
import { invalidType, outOfRange } from '../errors';

/** Milliseconds, fractions allowed, or nanoseconds as a bigint. */
export type Duration = number | bigint;

const PER_MILLISECOND = 1_000_000n;
/** Systems count in 64 bits: 292 years. */
const MOST = 2n ** 63n - 1n;

/** In nanoseconds, rounded up. @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function duration(name: string, value: unknown, least: 0n | 1n): bigint {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw invalidType(name, 'of type number or bigint', value);
  }
  const positive = value >= 0 && (least === 0n || value > 0);
  const nanoseconds = positive && value !== Infinity ? toNanoseconds(value) : MOST + 1n;
  if (nanoseconds > MOST) {
    throw outOfRange(name, `${least === 0n ? '>=' : '>'} 0, and less than 292 years`, value);
  }
  return nanoseconds;
}

/** In nanoseconds since 1970, rounded up. @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function wallTime(name: string, value: unknown): bigint {
  const time = types.isDate(value) ? value.getTime() : value;
  if (typeof time !== 'number') {
    throw invalidType(name, 'of type number or bigint, or an instance of Date', value);
  }
  const nanoseconds = Number.isFinite(time) ? toNanoseconds(time) : MOST + 1n;
  if (nanoseconds > MOST) throw outOfRange(name, 'a time before the year 2262', time);
  return nanoseconds;
}

function toNanoseconds(value: Duration): bigint {
  if (typeof value === 'bigint') return value;
  const whole = Math.floor(value);
  return BigInt(whole) * PER_MILLISECOND + BigInt(Math.ceil((value - whole) * 1e6));
}
