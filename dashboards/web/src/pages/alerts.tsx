// SPDX-License-Identifier: Apache-2.0
// alerts: the queue; it never moves under the cursor, and a bulk action does exactly what was on the screen.
import { useEffect, useRef, useState } from 'preact/hooks';
import { asks, Question, type Action, type Answer } from '../actions';
import { get, post, Problem, query } from '../api';
import { useOverview } from '../frame';
import { useKeys } from '../keys';
import { onLive } from '../live';
import { useLoad } from '../load';
import { Failed, Link, Loading, PartyName, SeverityMark, StateMark } from '../marks';
import { go } from '../route';
import { number, t, time, title } from '../text';
import type { Alert, Group, Me, Page } from '../types';

const TABS = ['inbox', 'mine', 'escalated', 'all'] as const;
const GROUPS = ['none', 'rule', 'client', 'server', 'pair', 'poi'] as const;
const BULK: Action[] = ['ack', 'escalate', 'close'];

/** The same list with some words of its address changed. */
function change(search: URLSearchParams, words: Record<string, string>) {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(words)) if (value) next.set(key, value); else next.delete(key);
  go(`/alerts?${next}`);
}

function Toolbar({ search, isLive, flip }: { search: URLSearchParams; isLive: boolean; flip: () => void }) {
  const tab = search.get('tab') ?? 'inbox';
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    change(search, { q: String(new FormData(event.currentTarget as HTMLFormElement).get('q')) });
  };
  return (
    <div class="toolbar">
      <div class="tabs" role="group" aria-label={t('alerts.title')}>{TABS.map((each) => (
        <button type="button" key={each} aria-pressed={tab === each} onClick={() => change(search, { tab: each })}>{t(`alerts.${each}`)}</button>
      ))}</div>
      <form role="search" onSubmit={submit} key={search.get('q') ?? ''}>
        <label class="unseen" for="q">{t('alerts.query')}</label>
        <input id="q" name="q" type="search" defaultValue={search.get('q') ?? ''} placeholder={t('alerts.query_hint')} size={44} />
        <button>{t('alerts.query')}</button>
      </form>
      <label>{t('alerts.group')} <select value={search.get('group') ?? 'none'} onChange={(event) => change(search, { group: (event.currentTarget as HTMLSelectElement).value })}>
        {GROUPS.map((each) => <option value={each} key={each}>{t(`alerts.group_${each}`)}</option>)}</select></label>
      <button type="button" aria-pressed={isLive} onClick={flip}>{isLive ? `● ${t('live.on')}` : `‖ ${t('live.paused')}`}</button>
    </div>
  );
}

const GroupRows = ({ groups, search }: { groups: Group[]; search: URLSearchParams }) => (
  <ul class="groups">{groups.map((group) => (
    <li key={group.key}><SeverityMark severity={group.severity} />{' '}
      <button type="button" class="plain" onClick={() => change(search, { q: `${search.get('q') ?? ''} ${group.filter}`.trim(), group: '' })}>{title(group.title) || group.key}</button>{' '}
      <small>{t('alerts.group_row', { alerts: group.alerts, occurrences: group.occurrences, open: group.open, first: time(group.first), last: time(group.last) })}</small></li>
  ))}</ul>
);

type RowProps = { alert: Alert; isHere: boolean; isChosen: boolean; choose: () => void };

function Row({ alert, isHere, isChosen, choose }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => { if (isHere) row.current?.scrollIntoView({ block: 'nearest' }); }, [isHere]);
  return (
    <tr ref={row} class={isHere ? 'here' : ''} aria-selected={isChosen}>
      <td class="pick"><label><span class="unseen">{t('alerts.select')}: {title(alert.title)}</span><input type="checkbox" checked={isChosen} onChange={choose} /></label></td>
      <td><SeverityMark severity={alert.severity} /></td>
      <td><StateMark state={alert.state} />{alert.disposition === 'accepted' && <small> {t('disposition.accepted')}</small>}</td>
      <td><Link href={`/alerts/${alert.id}`}>{title(alert.title)}</Link> <small class="mono">{alert.rule}</small></td>
      <td><PartyName party={alert.client} /></td>
      <td><PartyName party={alert.server} />{alert.service && <small> {title(alert.service.title)}</small>}{alert.server_port > 0 && <small class="mono"> :{alert.server_port}</small>}</td>
      <td class="time">{alert.poi}</td>
      <td class="number">{number(alert.count)}</td>
      <td class="time">{time(alert.last)}</td>
      <td>{alert.assignee}</td>
    </tr>
  );
}

function Empty({ search }: { search: URLSearchParams }) {
  const overview = useOverview(24);
  if (overview && !overview.last_record) return <p class="notice">{t('alerts.empty_data')}</p>;
  if ((search.get('tab') ?? 'inbox') === 'inbox' && !search.get('q')) {
    return <p class="notice good">{t('alerts.empty_inbox', { reporting: overview?.sensors.reporting ?? '–', total: overview?.sensors.total ?? '–' })}</p>;
  }
  return <p class="notice">{t('alerts.empty_filter')}</p>;
}

type Done = { text: string; operation: string };

/** What the list does: paging, live news, choosing, acting. */
function useQueue(search: URLSearchParams) {
  const words = { tab: search.get('tab'), q: search.get('q'), group: search.get('group'), sort: search.get('sort') };
  const list = useLoad<Page<Alert>>(`/alerts${query({ ...words, limit: 100 })}`);
  const [news, setNews] = useState(0);
  const [isLive, setLive] = useState(true);
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  useEffect(() => {
    setNews(0);
    setChosen(new Set());
  }, [list.data?.as_of_seq, list.data?.as_of_change, search.toString()]);
  useEffect(() => onLive((event) => {
    if (!isLive) return;
    if (event.type === 'alert') setNews((before) => before + 1);
    if (event.type === 'resync') list.reload();
    if (event.type === 'workflow' && list.data) {
      const changed = event.data as Partial<Alert> & { id: string };
      list.set({ ...list.data, items: list.data.items.map((each) => (each.id === changed.id ? { ...each, ...changed } : each)) });
    }
  }));
  const more = async () => {
    if (!list.data?.next) return;
    const page = await get<Page<Alert>>(`/alerts${query({ ...words, limit: 100, cursor: list.data.next })}`);
    list.set({ ...list.data, items: [...list.data.items, ...page.items], next: page.next });
  };
  return { list, news, isLive, setLive, chosen, setChosen, more };
}

export function AlertsPage({ search, me }: { search: URLSearchParams; me: Me }) {
  const { list, news, isLive, setLive, chosen, setChosen, more } = useQueue(search);
  const [here, setHere] = useState(0);
  const [question, setQuestion] = useState<Action | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const items = list.data?.items ?? [];
  const mayWork = me.permissions.includes('alerts.work');
  const choose = (id: string) => setChosen((before) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  const targets = () => (chosen.size > 0 ? [...chosen] : items[here] ? [items[here].id] : []);
  const act = async (action: Action, answer: Answer) => {
    setQuestion(null);
    setProblem(null);
    const ids = targets();
    try {
      const result = await post<{ operation: string; changed: number }>('/alerts/bulk', {
        action, reason: answer.reason ?? '', note: answer.note ?? '', assignee: answer.assignee ?? '',
        selection: { ids, as_of_seq: list.data?.as_of_seq, as_of_change: list.data?.as_of_change, expected: ids.length },
      });
      setDone({ text: t('alerts.done', { n: result.changed }), operation: result.operation });
      list.reload();
    } catch (why) {
      setProblem(why as Problem);
    }
  };
  const undo = async () => {
    if (!done) return;
    try {
      const result = await post<{ undone: number; skipped: number }>(`/alerts/bulk/undo/${done.operation}`, {});
      setDone({ text: t('alerts.undone', { n: result.undone, skipped: result.skipped }), operation: '' });
      list.reload();
    } catch (why) {
      setProblem(why as Problem);
    }
  };
  const begin = (action: Action) => {
    if (!mayWork || targets().length === 0) return;
    if (asks(action)) setQuestion(action);
    else act(action, {});
  };
  const move = (by: number) => setHere((before) => Math.max(0, Math.min(items.length - 1, before + by)));
  const open = () => { if (items[here]) go(`/alerts/${items[here].id}`); };
  useKeys({
    j: () => move(1), k: () => move(-1), o: open, Enter: open, x: () => { if (items[here]) choose(items[here].id); }, a: () => begin('ack'), e: () => begin('escalate'),
    c: () => begin('close'), '*': () => setChosen(new Set(items.map((each) => each.id))), '/': () => document.getElementById('q')?.focus(), p: () => setLive(!isLive), r: list.reload,
  });
  return (
    <>
      <div class="bar"><h1>{t('alerts.title')}</h1>
        {list.data && <span role="status">{t(list.data.total.exact ? 'alerts.total' : 'alerts.total_over', { n: number(list.data.total.value) })}</span>}</div>
      <Toolbar search={search} isLive={isLive} flip={() => setLive(!isLive)} />
      <div aria-live="polite">{news > 0 && <button type="button" class="news" onClick={list.reload}>{t('live.new', { n: news })}</button>}</div>
      {problem && <Failed problem={problem} retry={list.reload} />}
      {done && <p class="notice good" role="status">{done.text} {done.operation && <button type="button" onClick={undo}>{t('alerts.undo')}</button>}</p>}
      {mayWork && chosen.size > 0 && <p class="chosen">{t('alerts.selected', { n: chosen.size })} {BULK.map((action) => <button type="button" key={action} onClick={() => begin(action)}>{t(`action.${action}`)}</button>)}</p>}
      {list.problem && <Failed problem={list.problem} retry={list.reload} />}
      {list.data?.groups && <GroupRows groups={list.data.groups} search={search} />}
      {list.isLoading && !list.data ? <Loading /> : list.data && items.length === 0 ? <Empty search={search} /> : list.data && (
        <div class="scroll"><table class="queue"><thead><tr>
          <th scope="col" class="pick"><label><span class="unseen">{t('alerts.select_all')}</span><input type="checkbox" checked={chosen.size > 0 && chosen.size === items.length}
            onChange={() => setChosen(chosen.size === items.length ? new Set() : new Set(items.map((each) => each.id)))} /></label></th>
          {(['severity', 'state', 'rule', 'client', 'server', 'poi', 'count', 'last', 'assignee'] as const).map((each) => <th scope="col" key={each}>{t(`alerts.${each}`)}</th>)}
        </tr></thead><tbody>{items.map((alert, index) => <Row key={alert.id} alert={alert} isHere={index === here} isChosen={chosen.has(alert.id)} choose={() => choose(alert.id)} />)}</tbody></table></div>
      )}
      {list.data?.next && <p><button type="button" onClick={more}>{t('alerts.more')}</button></p>}
      {question && <Question action={question} count={targets().length} me={me.name} done={(answer) => act(question, answer)} close={() => setQuestion(null)} />}
    </>
  );
}
