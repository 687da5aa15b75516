// SPDX-License-Identifier: Apache-2.0
// overview: what is open, what was judged today, what could not be seen, and who watches.
import { Chart } from '../chart';
import { useOverview } from '../frame';
import { Link, Loading, SeverityMark, Share, VerdictMark } from '../marks';
import { go } from '../route';
import { age, number, t, time, title, word } from '../text';
import { SEVERITIES, VERDICTS, type Node, type Overview } from '../types';

const COLOURS = { critical: '#b0005c', high: '#c73e00', medium: '#c29b00', low: '#3b82c4', info: '#8a929c' };

function OpenTile({ overview }: { overview: Overview }) {
  const { open, oldest_new, accepted, age: ages } = overview.alerts;
  const now = Date.parse(overview.now);
  return (
    <section class="tile"><h2>{t('overview.open')}</h2>
      <ul class="counts">{SEVERITIES.map((severity) => (
        <li key={severity}><Link href={`/alerts?tab=all&q=${encodeURIComponent(`sev:${severity} -state:closed`)}`}><SeverityMark severity={severity} /></Link> <b>{number(open[severity])}</b></li>
      ))}</ul>
      <p>{oldest_new ? <>{t('overview.oldest')}: {age(oldest_new, now)} <small>({time(oldest_new)})</small></> : t('overview.none_new')}</p>
      <p><small>{t('overview.age')}: {(['under_1h', 'under_24h', 'under_7d', 'older'] as const).map((each) => `${t(`overview.${each}`)} ${ages[each]}`).join(' · ')}</small></p>
      {accepted > 0 && <p><small>{t('overview.accepted', { n: accepted })}</small></p>}
    </section>
  );
}

function VerdictTile({ overview }: { overview: Overview }) {
  const { verdicts, unobservable } = overview;
  return (
    <section class="tile"><h2>{t('overview.today', { day: verdicts.day })}</h2>
      <ul class="counts">{VERDICTS.filter((verdict) => verdict !== 'error' || verdicts.error > 0).map((verdict) => (
        <li key={verdict}><VerdictMark verdict={verdict} /> <b>{number(verdicts[verdict])}</b></li>
      ))}</ul>
      {verdicts.provisional > 0 && <p><small>{t('overview.provisional', { n: number(verdicts.provisional) })}</small></p>}
      {unobservable.length > 0 && <p><small>{t('overview.why')}: {unobservable.map((each) => `${word('why', each.reason)} ${number(each.count)}`).join(' · ')}</small></p>}
    </section>
  );
}

const SensorTile = ({ overview }: { overview: Overview }) => (
  <section class="tile wide"><h2>{t('overview.sensors')}</h2>
    <div class="scroll"><table><thead><tr><th scope="col">{t('overview.sensor')}</th><th scope="col">{t('overview.poi')}</th><th scope="col">{t('overview.state')}</th>
      <th scope="col">{t('overview.coverage')}</th><th scope="col">{t('overview.last')}</th></tr></thead>
      <tbody>{overview.coverage.map((each) => (
        <tr key={each.sensor + each.poi}><th scope="row">{each.sensor}</th><td>{each.poi}</td>
          <td class={each.state === 'silent' ? 'bad-text' : ''}>{each.state === 'silent' && '⚠ '}{word('sensor', each.state)}</td>
          <td><Share share={each.coverage} /></td><td class="time">{time(each.last_record)}</td></tr>
      ))}</tbody></table></div>
  </section>
);

function NodeCell({ node }: { node: Node | undefined }) {
  if (!node) return <td class="node" />;
  const worst = SEVERITIES.find((severity) => node.alerts[severity] > 0);
  return (
    <td class={`node${worst ? ` edge-${worst}` : ''}`}>
      <Link href={`/alerts?tab=all&q=${encodeURIComponent(`with:${node.region}${node.service ? ` service:${node.service}` : ''} -state:closed`)}`}>{number(node.records)}</Link>
      {worst && <> <SeverityMark severity={worst} /></>}
    </td>
  );
}

/** Fixed schematic: regions are columns, services rows; never a force-directed graph. */
function Schematic({ overview, hours }: { overview: Overview; hours: number }) {
  const services = [...new Map(overview.nodes.map((node) => [node.service, node])).values()];
  return (
    <section class="tile wide"><h2>{t('overview.map')}</h2>
      <div class="scroll"><table class="schematic"><thead><tr><th scope="col">{t('overview.service')}</th>
        {overview.regions.map((region) => <th scope="col" key={region.id}>{title(region.title)}<br /><small><Share share={region.coverage} /></small></th>)}</tr></thead>
        <tbody>{services.map((service) => (
          <tr key={service.service}><th scope="row">{title(service.title) || service.service || '–'}</th>
            {overview.regions.map((region) => <NodeCell key={region.id} node={overview.nodes.find((node) => node.region === region.id && node.service === service.service)} />)}</tr>
        ))}</tbody></table></div>
      <p><small>{t('overview.map_note', { hours })}</small></p>
    </section>
  );
}

export function OverviewPage({ search }: { search: URLSearchParams }) {
  const hours = search.get('hours') === '168' ? 168 : 24;
  const overview = useOverview(hours);
  if (!overview) return <Loading />;
  const { series } = overview;
  return (
    <>
      <div class="bar"><h1>{t('overview.title')}</h1>
        <label>{t('overview.hours')} <select value={String(hours)} onChange={(event) => go(`/?hours=${(event.currentTarget as HTMLSelectElement).value}`)}>
          <option value="24">{t('overview.h24')}</option><option value="168">{t('overview.h168')}</option></select></label></div>
      {!overview.last_record && <p class="notice" role="status">{t('overview.nothing')}</p>}
      <div class="tiles">
        <OpenTile overview={overview} /><VerdictTile overview={overview} />
        <section class="tile"><Chart label={t('overview.volume')} start={series.start} step={series.step}
          lines={Object.entries(series.records).filter(([event]) => event === 'flow' || event === 'tls').map(([event, values], index) => ({ name: event, values, colour: index ? '#c73e00' : '#0072b2' }))} /></section>
        <section class="tile"><Chart label={t('overview.raised')} start={series.start} step={series.step}
          lines={SEVERITIES.filter((severity) => series.alerts[severity].some((value) => value > 0) || severity === 'high').map((severity) => ({ name: word('severity', severity), values: series.alerts[severity], colour: COLOURS[severity] }))} /></section>
        <Schematic overview={overview} hours={hours} /><SensorTile overview={overview} />
      </div>
    </>
  );
}
