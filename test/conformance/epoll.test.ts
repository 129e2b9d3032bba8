import { describeSelector } from './describe-selector';

describeSelector('epoll');
