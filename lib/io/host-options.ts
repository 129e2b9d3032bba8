import { invalidAddress, invalidValue } from '../errors';
import { string } from '../validate';
import { type Family, isIP } from './ip';

// The checks that TCP and UDP options have in common.

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, also for an address of the other family */
export function checkHost(given: unknown, family: Family): asserts given is string {
  const host = string('options.host', given);
  // dns.lookup calls back without an address.
  if (host === '') throw invalidValue('options.host', 'must not be empty', host);
  // The resolver would look up only what precedes it.
  if (host.includes('\0')) throw invalidValue('options.host', 'must not contain NUL bytes', host);
  const own = isIP(host);
  if (family !== 0 && own !== 0 && own !== family) {
    throw invalidValue('options.host', `is not an IPv${family} address`, host);
  }
}

/**
 * The requested family, or that of `localAddress`; 0 for either.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_IP_ADDRESS`
 */
export function familyOf(given: unknown, localAddress?: unknown): Family {
  if (given !== undefined && given !== 0 && given !== 4 && given !== 6) {
    throw invalidValue('options.family', 'must be one of: 0, 4, 6', given);
  }
  if (localAddress === undefined) return given ?? 0;
  const address = string('options.localAddress', localAddress);
  const own = isIP(address);
  if (own === 0) throw invalidAddress(address);
  if (given && given !== own) {
    throw invalidValue('options.localAddress', `is not an IPv${given} address`, address);
  }
  return own;
}
