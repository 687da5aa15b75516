// SPDX-License-Identifier: Apache-2.0
// main: who is here, which page, and the frame around it.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, onLogout, post, Problem } from './api';
import { Frame } from './frame';
import { startLive, stopLive } from './live';
import { AlertPage } from './pages/alert';
import { AlertsPage } from './pages/alerts';
import { CompliancePage } from './pages/compliance';
import { LoginPage } from './pages/login';
import { OverviewPage } from './pages/overview';
import { WindowsPage } from './pages/windows';
import { Failed, Loading } from './marks';
import { go, useRoute } from './route';
import { currentLanguage, setLanguage, t } from './text';
import type { Me } from './types';

function Page({ me }: { me: Me }) {
  const { path, search } = useRoute();
  const parts = path.split('/').filter(Boolean);
  const may = (permission: string) => me.permissions.includes(permission);
  if (parts[0] === 'alerts' && may('alerts.read')) return parts[1] ? <AlertPage id={parts[1]} me={me} key={parts[1]} /> : <AlertsPage search={search} me={me} />;
  if (parts[0] === 'compliance' && may('compliance.read')) {
    return parts[2] ? <WindowsPage requirement={parts[1] ?? ''} participant={parts[2]} search={search} /> : <CompliancePage search={search} me={me} />;
  }
  if (parts.length === 0 && may('overview.read')) return <OverviewPage search={search} />;
  return <Failed problem={new Problem(parts.length === 0 ? 'forbidden' : 'not_found', 404)} />;
}

function App() {
  const [me, setMe] = useState<Me | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isOver, setOver] = useState(false);
  const [, redraw] = useState(currentLanguage());
  const ask = () => get<Me>('/me').then(setMe, (why: Problem) => setProblem(why));
  useEffect(() => {
    onLogout(() => setMe((before) => {
      if (before) setOver(true);
      return null;
    }));
    ask();
  }, []);
  useEffect(() => {
    if (!me) return;
    if (!localStorage.getItem('language') && me.language) setLanguage(me.language);
    redraw(currentLanguage());
    startLive();
    return stopLive;
  }, [me?.name]);
  const change = (language: 'ja' | 'en') => {
    setLanguage(language);
    redraw(language);
  };
  if (!me && problem && problem.code !== 'login_required') return <main class="narrow"><Failed problem={problem} retry={ask} /></main>;
  if (!me && !problem && !isOver) return <main class="narrow"><Loading /></main>;
  if (!me) return <LoginPage note={isOver ? t('session.over') : ''} change={change} done={(next) => { setOver(false); setMe(next); }} />;
  const leave = () => post('/logout', {}).finally(() => {
    setMe(null);
    setProblem(new Problem('login_required', 401));
    go('/');
  });
  return <Frame me={me} change={change} leave={leave} refresh={ask}><Page me={me} /></Frame>;
}

document.documentElement.lang = currentLanguage();
document.documentElement.dataset.density = localStorage.getItem('density') ?? 'normal';
render(<App />, document.getElementById('app')!);
