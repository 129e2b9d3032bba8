import { describeSelector } from './describe-selector';

describeSelector('select');
