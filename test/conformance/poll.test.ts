import { describeSelector } from './describe-selector';

describeSelector('poll');
