import { describe } from 'vitest';
import { KqueueTimer } from '../../lib/raw/kqueue-timer';
import { hasKqueue } from '../support/kqueue/kernel';
import { testSystemTimer } from './system-timer';

describe.runIf(hasKqueue)('a kqueue with a timer', () => {
  testSystemTimer(() => new KqueueTimer());
});
