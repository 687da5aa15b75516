// SPDX-License-Identifier: Apache-2.0
// login: name and password; pasting and password managers work (WCAG 3.3.8).
import { useState } from 'preact/hooks';
import { post, Problem } from '../api';
import { Failed } from '../marks';
import { currentLanguage, t } from '../text';
import type { Me } from '../types';

type Props = { note: string; change: (language: 'ja' | 'en') => void; done: (me: Me) => void };

export function LoginPage({ note, change, done }: Props) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      done(await post<Me>('/login', { name: form.get('name'), password: form.get('password') }));
    } catch (why) {
      setProblem(why as Problem);
    }
    setBusy(false);
  };
  return (
    <main class="narrow">
      <h1>{t('app.name')} <small>{t('app.tagline')}</small></h1>
      {note && !problem && <p class="notice" role="status">{note}</p>}
      {problem && <Failed problem={problem} />}
      <form onSubmit={submit} class="login">
        <label>{t('login.name')}<input name="name" autocomplete="username" required autofocus /></label>
        <label>{t('login.password')}<input name="password" type="password" autocomplete="current-password" required /></label>
        <button class="main" disabled={isBusy}>{t('login.submit')}</button>
      </form>
      <p><button type="button" lang={currentLanguage() === 'ja' ? 'en' : 'ja'} onClick={() => change(currentLanguage() === 'ja' ? 'en' : 'ja')}>
        {currentLanguage() === 'ja' ? 'English' : '日本語'}</button></p>
    </main>
  );
}
