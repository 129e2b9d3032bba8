import { getSystemErrorMap } from 'node:util';

/** The negated errno with that name; node:os does not have all of them. */
export function errnoOf(name: string): number {
  const [errno] = [...getSystemErrorMap()].find(([, [known]]) => known === name) ?? [];
  if (errno === undefined) throw new Error(`There is no error ${name}`);
  return errno;
}
