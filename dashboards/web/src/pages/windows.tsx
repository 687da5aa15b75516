// SPDX-License-Identifier: Apache-2.0
// windows: one requirement and one institution, day by day, with samples, coverage and evidence.
import { query } from '../api';
import { EvidenceList } from '../evidence';
import { useLoad } from '../load';
import { Fact, Failed, Link, Loading, SeverityMark, Share, StateMark, VerdictMark } from '../marks';
import { day, number, t, time, title, word } from '../text';
import type { Windows } from '../types';

function WindowRow({ window }: { window: Windows['windows'][number] }) {
  return (
    <tr><th scope="row">{day(window.from)}</th>
      <td><VerdictMark verdict={window.verdict} provisional={window.provisional} />{window.disposition === 'accepted' && <small> {t('disposition.accepted')} {window.exception}</small>}</td>
      <td class="number">{number(window.good)} / {number(window.bad)} / {number(window.unknown)}</td>
      <td><Share share={window.coverage} /></td>
      <td>{window.reasons.map((each) => `${word('why', each.reason)} ${number(each.count)}`).join(' · ') || (window.reason && word('why', window.reason))}</td>
      <td>{window.evidence.length > 0 && <details><summary>{t('alert.evidence')} ({window.evidence.length})</summary><EvidenceList evidence={window.evidence} missing={window.evidence_missing} /></details>}</td></tr>
  );
}

export function WindowsPage({ requirement, participant, search }: { requirement: string; participant: string; search: URLSearchParams }) {
  const period = search.get('period') ?? '';
  const loaded = useLoad<Windows>(`/compliance/${requirement}/${participant}${query({ period })}`);
  if (loaded.problem) return <Failed problem={loaded.problem} retry={loaded.reload} />;
  const data = loaded.data;
  if (!data) return <Loading />;
  const demand = data.requirement;
  return (
    <article>
      <p><Link href={`/compliance${query({ period })}`}>← {t('compliance.back')}</Link></p>
      <h1>{title(demand.title)} <small>{title(data.participant.title)}</small></h1>
      <p><SeverityMark severity={demand.severity} /> <span class="mono">{demand.id}</span></p>
      <dl><Fact name={t('alert.clause')}>{`${title(demand.document)} ${demand.clause}`}</Fact><Fact name={t('alert.rationale')}>{title(demand.rationale)}</Fact>
        <Fact name={t('alert.remedy')}>{title(demand.remedy)}</Fact><Fact name={t('alert.settled_by')}>{title(demand.settled_by)}</Fact></dl>
      <h2>{t('compliance.history')}</h2>
      <div class="scroll"><table><thead><tr><th scope="col">{t('compliance.window')}</th><th scope="col">{t('alert.outcome')}</th><th scope="col">{t('compliance.samples')}</th>
        <th scope="col">{t('overview.coverage')}</th><th scope="col">{t('compliance.reasons')}</th><th scope="col">{t('alert.evidence')}</th></tr></thead>
        <tbody>{data.windows.map((window) => <WindowRow key={window.from} window={window} />)}</tbody></table></div>
      <h2>{t('compliance.linked')}</h2>
      {data.alerts.length === 0 ? <p>{t('compliance.no_alerts')}</p> : <ul>{data.alerts.map((each) => (
        <li key={each.id}><SeverityMark severity={each.severity} /> <Link href={`/alerts/${each.id}`}>{title(each.title)}</Link> <StateMark state={each.state} /> <small>{time(each.last)} · {t('alert.occurrences', { n: each.count })}</small></li>))}</ul>}
    </article>
  );
}
