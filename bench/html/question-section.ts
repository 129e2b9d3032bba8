import type { Plot, Question, Result } from '../question';
import { roleOf } from '../role';
import { counterRows, countersTitle, notesOf, rowsOf } from '../table';
import { drawBars } from './bars';
import { figure, table, type Answered } from './elements';
import { drawLines, seriesOf } from './lines';
import { html, type Markup } from './markup';
import { picture } from './picture';
import type { Plotter } from './plotter';

/** The plots of a question; by default, one of the metric of its first column. */
function plotsOf({ plots, columns }: Question): readonly Plot[] {
  if (plots) return plots;
  const column = columns.find(({ metric }) => metric !== undefined);
  return column?.metric === undefined ? [] : [{ metric: column.metric, label: column.title }];
}

function figures(plotter: Plotter, results: readonly Result[], plot: Plot): Markup {
  const { along } = plot;
  const drawn = along
    ? seriesOf(results, along).map((series) =>
        figure(plot.label, series.common, drawLines(plotter, series, plot, along).join('')),
      )
    : results.map((result) => figure(result.title, plot.label, drawBars(plotter, result, plot)));
  return html`<div class="plots">${drawn}</div>`;
}

/** The line plots of a `pictured` question as a file of their own. */
export function pictureOf(plotter: Plotter, { question, answer }: Answered): string | undefined {
  if (question.pictured === undefined) return undefined;
  const drawn = plotsOf(question).flatMap((plot) => {
    const { along } = plot;
    if (along === undefined) return [];
    return seriesOf(answer.results, along)
      .filter(({ results }) => results.length > 1)
      .flatMap((series) => drawLines(plotter, series, plot, along));
  });
  return drawn.length === 0 ? undefined : picture(drawn);
}

/** What a question asks, its plots, its tables and what must be read beside them. */
export function questionSection(plotter: Plotter, { question, answer }: Answered): Markup {
  const { columns, marks } = question;
  const { results } = answer;
  const tables = results.flatMap((result) => {
    const classes = result.peers.map(({ name }) => roleOf(name));
    const measured = table(result.title, rowsOf(result, columns, marks), classes);
    const counted = counterRows(question, result);
    return counted.length === 0
      ? measured
      : [measured, table(countersTitle(question), counted, [])];
  });
  return html`<section id="${question.name}">
    <h2>${question.name}</h2>
    <p>${question.asks}</p>
    ${plotsOf(question).map((plot) => figures(plotter, results, plot))}
    <details open>
      <summary>Numbers</summary>
      ${tables} ${notesOf(question, results).map((note) => html`<p class="faint">${note}</p>`)}
    </details>
  </section>`;
}
