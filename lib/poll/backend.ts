import { unsupportedError } from '../errors';
import { native } from '../native';
import { PollSelector } from './poll-selector';
import type { Backend, Selector } from './selector';
import { systemSelector } from './system-selector';

/**
 * A selector over the backend, by default the multiplexer that the addon was built with.
 * @throws `ERR_UNSUPPORTED_PLATFORM`
 */
export function newSelector(backend: Backend | 'auto' = 'auto'): Selector {
  const wanted = backend === 'auto' ? native.backend : backend;
  if (wanted === 'poll' || wanted === 'select') return new PollSelector(wanted);
  if (wanted !== native.backend) throw unsupportedError(wanted);
  return systemSelector();
}
