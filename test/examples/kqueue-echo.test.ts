import { describe } from 'vitest';
import { hasKqueue } from '../support/kqueue/kernel';
import { testEcho } from './echo-suite';

describe.runIf(hasKqueue)('where there is kqueue', () => {
  testEcho('kqueue');
});
