import { describeSelector } from './describe-selector';

describeSelector('kqueue');
