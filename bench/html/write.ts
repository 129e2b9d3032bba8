import { writeFile } from 'node:fs/promises';

import type { ReportComparison } from '../compare';
import type { Question } from '../question';
import type { Report } from '../report';
import { judge, unmeasured } from '../verdict';
import type { Answered } from './elements';
import { headline } from './headline';
import { page } from './page';
import { loadPlotter } from './plotter';
import { pictureOf } from './question-section';

/**
 * The results of a report with the verdicts on them. An older report may have questions that no longer
 * exist.
 */
export function answeredIn(report: Report, questions: readonly Question[]): Answered[] {
  const nodeMajor = parseInt(report.machine.versions.node, 10);
  return questions.flatMap((question) => {
    const answer = report.answers.find((candidate) => candidate.question === question.name);
    if (!answer) return [];
    const targets = question.targets(nodeMajor);
    const verdicts = judge(targets, answer.results, question.marks);
    return [{ question, answer, verdicts, missing: unmeasured(targets, answer.results) }];
  });
}

/**
 * Writes beside the JSON report an HTML report that needs no other file, and the plots for documents, if
 * there are any.
 *
 * @param path of the JSON report
 * @returns the paths of the files
 */
export async function writeDrawings(
  report: Report,
  answered: readonly Answered[],
  comparison: ReportComparison | undefined,
  path: string,
): Promise<string[]> {
  const stem = path.replace(/\.json$/, '');
  const plotter = await loadPlotter();
  const files: [string, string | undefined][] = [
    [`${stem}.html`, page(plotter, report, answered, comparison)],
    [`${stem}.svg`, headline(plotter, report, answered)],
    ...answered.map((one): [string, string | undefined] => [
      `${stem}-${one.question.name}.svg`,
      pictureOf(plotter, one),
    ]),
  ];
  const written: string[] = [];
  for (const [file, content] of files) {
    if (content === undefined) continue;
    await writeFile(file, content);
    written.push(file);
  }
  return written;
}
