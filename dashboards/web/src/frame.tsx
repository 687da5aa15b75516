// SPDX-License-Identifier: Apache-2.0
// frame: navigation above, the state of sensors and rules always below.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from './api';
import { keysAreOn, setKeys, useKeys } from './keys';
import { onLive } from './live';
import { Dialog, Link } from './marks';
import { go, useRoute } from './route';
import { currentLanguage, number, t, time, title, word } from './text';
import type { Me, Overview } from './types';

const PAGES = [
  { href: '/', code: 'nav.overview', permission: 'overview.read', sign: '◫' },
  { href: '/alerts', code: 'nav.alerts', permission: 'alerts.read', sign: '▲' },
  { href: '/compliance', code: 'nav.compliance', permission: 'compliance.read', sign: '✓' },
] as const;

/** What the strip and the overview page show; kept fresh by the stream. */
export function useOverview(hours: number): Overview | null {
  const [overview, setOverview] = useState<Overview | null>(null);
  useEffect(() => {
    let isGone = false;
    get<Overview>(`/overview?hours=${hours}`, { background: true }).then((answer) => { if (!isGone) setOverview(answer); }, () => {});
    const end = onLive((event) => {
      if (event.type === 'overview' && hours === 24) setOverview(event.data as Overview);
    });
    return () => {
      isGone = true;
      end();
    };
  }, [hours]);
  return overview;
}

function Strip() {
  const overview = useOverview(24);
  const [isUp, setUp] = useState(true);
  useEffect(() => onLive((event) => { if (event.type === 'up') setUp(true); if (event.type === 'down') setUp(false); }), []);
  if (!overview) return <footer class="strip" />;
  const { sensors, ruleset } = overview;
  const isWorried = sensors.silent > 0 || !isUp || (overview.lag_seconds ?? 0) > 60;
  return (
    <footer class={isWorried ? 'strip worried' : 'strip'} aria-label={t('overview.sensors')}>
      <span>{isWorried && <b aria-hidden="true">⚠ </b>}{t('strip.sensors', { reporting: sensors.reporting, total: sensors.total })}</span>
      <span>{overview.last_record ? t('strip.last', { time: time(overview.last_record) }) : t('strip.none')}</span>
      {(overview.lag_seconds ?? 0) > 5 && <span>{t('strip.lag', { n: number(Math.round(overview.lag_seconds ?? 0)) })}</span>}
      {sensors.losing > 0 && <span>{t('strip.losing', { n: sensors.losing })}</span>}
      <span>{ruleset ? t('strip.rules', { policy: ruleset.policy, version: ruleset.version, hash: ruleset.sha256.slice(0, 8) }) : t('strip.norules')}</span>
      {!isUp && <span role="status">{t('live.lost')}</span>}
    </footer>
  );
}

function KeysDialog({ close }: { close: () => void }) {
  const [isOn, setOn] = useState(keysAreOn());
  const flip = () => {
    setKeys(!isOn);
    setOn(!isOn);
  };
  return (
    <Dialog heading={t('keys.title')} close={close}>
      <ul>{t('keys.list').split(' · ').map((each) => <li key={each}>{each}</li>)}</ul>
      <p><button type="button" onClick={flip}>{isOn ? t('keys.off') : t('keys.on')}</button> <button type="button" onClick={close}>{t('close')}</button></p>
    </Dialog>
  );
}

/** Two minutes before the session ends for lack of use it says so (WCAG 2.2.1). */
function Ending({ me, refresh }: { me: Me; refresh: () => void }) {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    setNear(false);
    const left = Date.parse(me.idle_expires) - Date.parse(me.now) - 120000;
    const timer = setTimeout(() => setNear(true), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [me.idle_expires]);
  return isNear ? <div class="notice" role="alert">{t('session.ending')} <button type="button" onClick={refresh}>{t('session.stay')}</button></div> : null;
}

function Settings({ me, change, leave, help }: { me: Me; change: (language: 'ja' | 'en') => void; leave: () => void; help: () => void }) {
  const [density, setDensity] = useState(document.documentElement.dataset.density);
  const flip = () => {
    const next = density === 'compact' ? 'normal' : 'compact';
    document.documentElement.dataset.density = next;
    localStorage.setItem('density', next);
    setDensity(next);
  };
  const scope = me.region ? title(me.regions.find((each) => each.id === me.region)?.title) || me.region : t('scope.all');
  return (
    <div class="settings">
      <span class="chip scope">{scope}</span>
      <span class="who">{me.name} <small>({word('role', me.role)})</small></span>
      <button type="button" onClick={flip}>{t(density === 'compact' ? 'density.normal' : 'density.compact')}</button>
      <button type="button" lang={currentLanguage() === 'ja' ? 'en' : 'ja'} onClick={() => change(currentLanguage() === 'ja' ? 'en' : 'ja')}>
        {currentLanguage() === 'ja' ? 'English' : '日本語'}</button>
      <button type="button" aria-label={t('keys.title')} onClick={help}>?</button>
      <button type="button" onClick={leave}>{t('logout')}</button>
    </div>
  );
}

type Props = { me: Me; change: (language: 'ja' | 'en') => void; leave: () => void; refresh: () => void; children: ComponentChildren };

export function Frame({ me, change, leave, refresh, children }: Props) {
  const [isHelping, setHelping] = useState(false);
  const { path } = useRoute();
  useKeys({ 'g o': () => go('/'), 'g a': () => go('/alerts'), 'g c': () => go('/compliance'), '?': () => setHelping(true) });
  return (
    <>
      <a class="skip" href="#content">{t('skip')}</a>
      <header>
        <p class="brand"><b>{t('app.name')}</b> <small>{t('app.tagline')}</small></p>
        <nav aria-label={t('nav.main')}>
          {PAGES.filter((page) => me.permissions.includes(page.permission)).map((page) => {
            const isHere = page.href === '/' ? path === '/' : path.startsWith(page.href);
            return <Link key={page.href} href={page.href} aria-current={isHere ? 'page' : undefined}><span aria-hidden="true">{page.sign}</span> {t(page.code)}</Link>;
          })}
        </nav>
        <Settings me={me} change={change} leave={leave} help={() => setHelping(true)} />
      </header>
      <main id="content" tabIndex={-1}><Ending me={me} refresh={refresh} />{children}</main>
      <Strip />
      {isHelping && <KeysDialog close={() => setHelping(false)} />}
    </>
  );
}
