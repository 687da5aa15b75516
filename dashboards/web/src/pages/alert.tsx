// SPDX-License-Identifier: Apache-2.0
// alert: one alert: what happened, why it fired, what was not visible, who, what to do, what was done.
import { useState } from 'preact/hooks';
import { asks, Question, type Action, type Answer } from '../actions';
import { post, Problem } from '../api';
import { EvidenceList } from '../evidence';
import { useKeys } from '../keys';
import { useLoad } from '../load';
import { Fact, Failed, Link, Loading, SeverityMark, StateMark } from '../marks';
import { number, t, time, title, word } from '../text';
import type { AlertWithEvidence, FullParty, Me } from '../types';

const SIGNS = { ok: '✓', matched: '●', violated: '✕', not_observed: '?' };

const Conditions = ({ alert }: { alert: AlertWithEvidence }) => (
  <section><h2>{t('alert.verdict')}</h2>
    <div class="scroll"><table><thead><tr>{(['what', 'required', 'observed', 'outcome', 'record'] as const).map((each) => <th scope="col" key={each}>{t(`alert.${each}`)}</th>)}</tr></thead>
      <tbody>{alert.conditions.map((each, index) => (
        <tr key={index} class={`outcome-${each.outcome}`}><th scope="row" class="mono">{each.what}</th><td>{each.required}</td><td>{each.observed || '–'}</td>
          <td><span aria-hidden="true">{SIGNS[each.outcome]}</span> {word('outcome', each.outcome)}{each.unobservable && <small> ({word('why', each.unobservable)})</small>}</td>
          <td class="mono"><a href={`#record-${each.record}`}>{each.record}</a></td></tr>
      ))}</tbody></table></div>
    <h3>{t('alert.not_visible')}</h3>
    {alert.not_visible.length === 0 ? <p>{t('alert.not_visible_none')}</p> : <ul>{alert.not_visible.map((each) => (
      <li key={each.what + each.record}><span class="mono">{each.what}</span>: {word('why', each.reason)}</li>))}</ul>}
  </section>
);

function Demand({ alert }: { alert: AlertWithEvidence }) {
  const { requirement } = alert;
  if (!requirement) return null;
  return (
    <section><h2>{t('alert.requirement')}</h2>
      <p><b>{title(requirement.title)}</b> <small class="mono">{requirement.id}</small></p>
      <dl><Fact name={t('alert.clause')}>{`${title(requirement.document)} ${requirement.clause}`}</Fact>
        <Fact name={t('alert.rationale')}>{title(requirement.rationale)}</Fact>
        <Fact name={t('alert.remedy')}>{title(requirement.remedy)}</Fact>
        <Fact name={t('alert.settled_by')}>{title(requirement.settled_by)}</Fact></dl>
    </section>
  );
}

const PartyCard = ({ heading, party, address }: { heading: string; party: FullParty | null; address: string }) => (
  <div class="card"><h3>{heading}</h3>
    {!party ? <p>{t('alerts.unknown')}</p> : <p><b>{title(party.title) || party.id}</b> {party.kana && <small>{party.kana}</small>}</p>}
    <dl>{party && <><Fact name={t('alert.kind')}>{word('kind', party.kind)}</Fact><Fact name={t('alert.region')}>{party.region}</Fact>
      <Fact name={t('alert.code')}>{party.code ?? ''}</Fact><Fact name={t('alert.contact')}>{party.contact ?? ''}</Fact></>}
      <Fact name={t('alert.address')}>{address && <span class="mono">{address}</span>}</Fact></dl>
  </div>
);

const History = ({ alert }: { alert: AlertWithEvidence }) => (
  <section><h2>{t('alert.history')}</h2>
    {alert.history.length === 0 ? <p>{t('alert.history_none')}</p> : <ol class="history">{alert.history.map((each) => (
      <li key={each.id}><small>{time(each.time)}</small> <b>{each.user}</b>{' '}
        {each.from !== each.to && <><StateMark state={each.from} /> → <StateMark state={each.to} /> </>}
        {each.reason && <small>{word('reason', each.reason)} </small>}{each.note && <q>{each.note}</q>}</li>
    ))}</ol>}
  </section>
);

const Similar = ({ alert }: { alert: AlertWithEvidence }) => (
  <section><h2>{t('alert.similar')}</h2>
    <p><small>{t('alert.similar_counts', alert.similar_counts)}</small></p>
    <ul>{alert.similar.map((each) => (
      <li key={each.id}><SeverityMark severity={each.severity} /> <Link href={`/alerts/${each.id}`}>{title(each.title)}</Link> <StateMark state={each.state} />
        {each.reason && <small> {word('reason', each.reason)}</small>} <small>{time(each.last)} · {t('alert.occurrences', { n: each.count })}</small></li>
    ))}</ul>
  </section>
);

/** The head: title, one sentence, what may be done now. */
function Head({ alert, me, begin }: { alert: AlertWithEvidence; me: Me; begin: (action: Action) => void }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(location.href).then(() => setCopied(true), () => {});
  return (
    <div class="head">
      <p><SeverityMark severity={alert.severity} /> <StateMark state={alert.state} /> <span class="chip">{word('episode', alert.episode)}</span>
        {alert.disposition === 'accepted' && <span class="chip"> {t('disposition.accepted')} {alert.exception}</span>}{alert.reason && <small> {word('reason', alert.reason)}</small>}{alert.assignee && <small> {t('alerts.assignee')}: {alert.assignee}</small>}</p>
      <h1>{title(alert.title)}</h1>
      <p class="sentence">{title(alert.sentence)}</p>
      <p><small>{t('alerts.first')} {time(alert.first)} · {t('alerts.last')} {time(alert.last)} · {t('alert.occurrences', { n: number(alert.count) })} · {alert.poi}</small></p>
      <p class="actions">{alert.actions.filter((each) => me.permissions.includes(each === 'note' ? 'alerts.note' : 'alerts.work')).map((each) => (
        <button type="button" key={each} class={each === 'ack' ? 'main' : ''} onClick={() => begin(each as Action)}>{t(`action.${each as Action}`)}</button>))}
        <button type="button" onClick={copy}>{t(isCopied ? 'alert.copied' : 'alert.link')}</button></p>
    </div>
  );
}

export function AlertPage({ id, me }: { id: string; me: Me }) {
  const loaded = useLoad<AlertWithEvidence>(`/alerts/${encodeURIComponent(id)}`);
  const [question, setQuestion] = useState<Action | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const alert = loaded.data;
  const act = async (action: Action, answer: Answer) => {
    setQuestion(null);
    try {
      await post(`/alerts/${encodeURIComponent(id)}/${action}`, answer, { version: alert?.version ?? 0 });
      setProblem(null);
    } catch (why) {
      setProblem(why as Problem);
    }
    loaded.reload();
  };
  const begin = (action: Action) => {
    if (asks(action)) setQuestion(action);
    else act(action, {});
  };
  const may = (action: Action) => () => { if (alert?.actions.includes(action)) begin(action); };
  useKeys({ u: () => history.back(), a: may('ack'), e: may('escalate'), c: may('close'), n: may('note'), i: may('assign') });
  if (loaded.problem) return <Failed problem={loaded.problem} retry={loaded.reload} />;
  if (!alert) return <Loading />;
  return (
    <article class="alert">
      <p><Link href="/alerts">← {t('alert.back')}</Link></p>
      {problem && <Failed problem={problem} />}
      <Head alert={alert} me={me} begin={begin} />
      <Conditions alert={alert} />
      <Demand alert={alert} />
      <section><h2>{t('alert.parties')}</h2><div class="cards">
        <PartyCard heading={t('alerts.client')} party={alert.parties.client} address={alert.client.ip} />
        <PartyCard heading={`${t('alerts.server')}${alert.service ? ` – ${title(alert.service.title)}` : ''}`} party={alert.parties.server}
          address={alert.server.ip && `${alert.server.ip}:${alert.server_port}`} /></div></section>
      <section><h2>{t('alert.evidence')}</h2><EvidenceList evidence={alert.evidence} missing={alert.evidence_missing} /></section>
      <History alert={alert} />
      <Similar alert={alert} />
      <section><h2>{t('alert.ids')}</h2><dl class="mono"><Fact name="alert">{alert.id}</Fact><Fact name="community id">{alert.community_id}</Fact>
        <Fact name="VLAN">{alert.vlan === '[]' ? '' : alert.vlan}</Fact><Fact name={t('alert.ruleset')}>{alert.ruleset}</Fact></dl></section>
      {question && <Question action={question} count={1} me={me.name} done={(answer) => act(question, answer)} close={() => setQuestion(null)} />}
    </article>
  );
}
