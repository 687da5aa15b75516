// SPDX-License-Identifier: Apache-2.0
// compliance: requirements by institutions of a region; five words and a coverage, never a count of alerts.
import { useLoad } from '../load';
import { Failed, Link, Loading, SeverityMark, Share, VerdictMark, VerdictSign } from '../marks';
import { go } from '../route';
import { number, percent, t, time, title, word } from '../text';
import { VERDICTS, type Cell, type Compliance, type Me } from '../types';
import { query } from '../api';

function months(): string[] {
  const now = new Date(Date.now() + 9 * 3600000);
  return Array.from({ length: 13 }, (_, back) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}

/** How the days of the period went, as a bar of parts. */
function Days({ cell }: { cell: Cell }) {
  const all = VERDICTS.reduce((sum, verdict) => sum + cell.days[verdict], 0) || 1;
  let at = 0;
  return (
    <svg class="days" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{VERDICTS.map((verdict) => {
      const width = (cell.days[verdict] / all) * 100;
      const begin = at;
      at += width;
      return width > 0 ? <rect key={verdict} class={`fill-${verdict}`} x={begin} y="0" width={width} height="6" /> : null;
    })}</svg>
  );
}

function VerdictCell({ cell, href, label }: { cell: Cell; href: string; label: string }) {
  const days = VERDICTS.filter((verdict) => cell.days[verdict] > 0).map((verdict) => `${word('verdict', verdict)} ${t('compliance.days', { n: cell.days[verdict] })}`).join(' · ');
  return (
    <td class={`cell cell-${cell.verdict}${cell.provisional ? ' provisional' : ''}`}>
      <Link href={href}><span class="unseen">{label}. {days}</span>
        <span aria-hidden="true" title={`${label}\n${days}${cell.reason ? `\n${word('why', cell.reason)}` : ''}`}><VerdictSign verdict={cell.verdict} /> <small>{word('verdict', cell.verdict)}</small>
          {cell.accepted > 0 && <small> ({t('disposition.accepted')})</small>}<Days cell={cell} /></span></Link>
    </td>
  );
}

function Table({ data, period }: { data: Compliance; period: string }) {
  return (
    <div class="scroll"><table class="compliance"><thead><tr><th scope="col">{t('compliance.requirement')}</th>
      {data.participants.map((each) => <th scope="col" key={each.id}>{title(each.title)}<br /><small>{word('kind', each.kind)} · <Share share={each.coverage} /></small></th>)}</tr></thead>
      <tbody>{data.requirements.map((requirement) => (
        <tr key={requirement.id}><th scope="row"><SeverityMark severity={requirement.severity} /> {title(requirement.title)}<br /><small><span class="mono">{requirement.id}</span> · {title(requirement.document)} {requirement.clause}</small></th>
          {requirement.cells.map((cell, index) => {
            const participant = data.participants[index]!;
            return <VerdictCell key={participant.id} cell={cell} href={`/compliance/${encodeURIComponent(requirement.id)}/${encodeURIComponent(participant.id)}${query({ period })}`}
              label={t('compliance.cell', { requirement: title(requirement.title), participant: title(participant.title), verdict: word('verdict', cell.verdict), coverage: percent(cell.coverage) })} />;
          })}</tr>
      ))}</tbody></table></div>
  );
}

export function CompliancePage({ search, me }: { search: URLSearchParams; me: Me }) {
  const region = search.get('region') ?? me.region ?? '';
  const chosen = region || me.regions[0]?.id || '';
  const period = search.get('period') ?? '';
  const loaded = useLoad<Compliance>(chosen ? `/compliance${query({ region: chosen, period })}` : null);
  const to = (words: Record<string, string>) => go(`/compliance${query({ region: chosen, period, ...words })}`);
  if (!chosen) return <p class="notice">{t('compliance.no_region')}</p>;
  const data = loaded.data;
  return (
    <>
      <div class="bar"><h1>{t('compliance.title')}</h1>
        <label>{t('compliance.region')} <select value={chosen} onChange={(event) => to({ region: (event.currentTarget as HTMLSelectElement).value })}>
          {me.regions.map((each) => <option value={each.id} key={each.id}>{title(each.title)}</option>)}</select></label>
        <label>{t('compliance.period')} <select value={period || months()[0]!} onChange={(event) => to({ period: (event.currentTarget as HTMLSelectElement).value })}>
          {months().map((each) => <option value={each} key={each}>{each}</option>)}</select></label></div>
      {loaded.problem && <Failed problem={loaded.problem} retry={loaded.reload} />}
      {!data && !loaded.problem && <Loading />}
      {data && <>
        <p class="summary"><b>{t('compliance.summary', { satisfied: number(data.summary.satisfied), violated: number(data.summary.violated), unobservable: number(data.summary.unobservable), not_applicable: number(data.summary.not_applicable) })}</b>
          {' · '}{t('compliance.coverage', { coverage: percent(data.summary.coverage) })}{data.as_of && <> · {t('compliance.as_of', { time: time(data.as_of) })}</>}</p>
        {data.summary.provisional > 0 && <p><small>{t('compliance.provisional', { n: number(data.summary.provisional) })}</small></p>}
        <p class="legend"><span class="unseen">{t('compliance.legend')}</span>{VERDICTS.map((verdict) => <VerdictMark verdict={verdict} key={verdict} />)} <small>{t('compliance.note')}</small></p>
        {data.participants.length === 0 ? <p class="notice">{t('compliance.none')}</p> : <Table data={data} period={period} />}
      </>}
    </>
  );
}
