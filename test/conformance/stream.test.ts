import { describe } from 'vitest';
import { describeAbort } from './stream-abort';
import { describeEnd } from './stream-end';
import { describeReads } from './stream-reads';
import { describeSeparators } from './stream-separators';
import { streamSubjects } from './stream-subject';

// The contract of a stream as one suite, for every kind of stream.
describe.each(streamSubjects)('a stream over $name', (subject) => {
  describeReads(subject);
  describeSeparators(subject);
  describeAbort(subject);
  if (subject.ends) describeEnd(subject);
});
