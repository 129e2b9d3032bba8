import { describe } from 'vitest';
import { native } from '../../lib/native';
import { testEcho } from './echo-suite';

testEcho('select');
testEcho('poll');
testEcho('poller');
describe.runIf(native.backend === 'epoll')('on Linux', () => {
  testEcho('epoll');
});
