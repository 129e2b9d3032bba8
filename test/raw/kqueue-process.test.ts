import { describe } from 'vitest';
import { KqueueProcess } from '../../lib/raw/kqueue-process';
import { hasKqueue } from '../support/kqueue/kernel';
import { testSystemProcess } from './system-process';

describe.runIf(hasKqueue)('a kqueue with a process', () => {
  testSystemProcess((pid) => new KqueueProcess(pid));
});
