import { testEcho } from './echo-suite';

testEcho('promises');
testEcho('streams');
