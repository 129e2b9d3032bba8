import type { ReportComparison } from '../compare';
import { conditionsOf } from '../machine';
import type { Report } from '../report';
import { comparisonSection } from './comparison-section';
import type { Answered } from './elements';
import { html, Markup } from './markup';
import type { Plotter } from './plotter';
import { questionSection } from './question-section';
import { STYLE } from './style';
import { targetsSection } from './targets-section';

function formatDate(date: string): string {
  return `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;
}

function machineList({ machine, peerPackages }: Report): Markup {
  const rows = [
    ['iomux', machine.iomux],
    ...conditionsOf(machine),
    ...(machine.load === undefined ? [] : [['load before', machine.load.toFixed(1)]]),
    ...(peerPackages ? [['peers', peerPackages.join(', ')]] : []),
  ];
  return html`<dl>
    ${rows.map(
      ([term = '', detail = '']) =>
        html`<dt>${term}</dt>
          <dd>${detail}</dd>`,
    )}
  </dl>`;
}

function link(id: string): Markup {
  return html`<a href="#${id}">${id}</a>`;
}

/** The whole report as one file, which needs nothing else. */
export function page(
  plotter: Plotter,
  report: Report,
  answered: readonly Answered[],
  comparison: ReportComparison | undefined,
): string {
  const { date, extent, rounds, machine } = report;
  const measured = answered.filter(({ answer }) => answer.results.length > 0);
  const title = `iomux benchmarks, Node ${machine.versions.node}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <p class="faint">${formatDate(date)}, ${extent} run, ${String(rounds)} rounds</p>
        ${machineList(report)}
        <nav>
          ${['targets', ...(comparison ? ['changes'] : []), ...measured.map(({ question }) => question.name)].map(link)}
        </nav>
        ${targetsSection(plotter, answered)} ${comparison ? comparisonSection(comparison) : ''}
        ${measured.map((one) => questionSection(plotter, one))}
        <p class="faint">
          Bars and lines are medians, dots are rounds. Ratios are taken inside a round.
          bench/README.md of iomux says how it is measured.
        </p>
      </body>
    </html> `.text;
}
