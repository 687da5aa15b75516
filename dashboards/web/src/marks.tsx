// SPDX-License-Identifier: Apache-2.0
// marks: the small signs all pages share; shape and word always, colour never alone.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from './api';
import { follow } from './route';
import { percent, t, title, word, type Code } from './text';
import type { Party, Severity, VerdictWord } from './types';

const SEVERITY_SIGNS: Record<Severity, string> = { critical: '▲▲', high: '▲', medium: '◆', low: '●', info: '○' };
const VERDICT_SIGNS: Record<VerdictWord, string> = { satisfied: '✓', violated: '✕', unobservable: '?', not_applicable: '–', error: '!' };

export const SeverityMark = ({ severity }: { severity: Severity }) => (
  <span class={`chip severity-${severity}`}><span aria-hidden="true">{SEVERITY_SIGNS[severity]}</span> {word('severity', severity)}</span>
);

export const VerdictMark = ({ verdict, provisional }: { verdict: VerdictWord; provisional?: boolean }) => (
  <span class={`chip verdict-${verdict}`}>
    <span aria-hidden="true">{VERDICT_SIGNS[verdict]}</span> {word('verdict', verdict)}
    {provisional && <small> ({t('verdict.provisional')})</small>}
  </span>
);

export const VerdictSign = ({ verdict }: { verdict: VerdictWord }) => (
  <span class={`sign verdict-${verdict}`} aria-hidden="true">{VERDICT_SIGNS[verdict]}</span>
);

export const StateMark = ({ state }: { state: string }) => <span class={`chip state-${state}`}>{word('state', state)}</span>;

/** A share as a bar with its number beside it. */
export const Share = ({ share }: { share: number }) => (
  <span class="share"><meter min={0} max={1} low={0.95} optimum={1} value={share} aria-hidden="true" /> {percent(share)}</span>
);

export function PartyName({ party }: { party: Party }) {
  const name = party.id === 'unknown' ? t('alerts.unknown') : title(party.title) || party.id;
  return <span class="party">{name}{party.ip && <small class="mono"> {party.ip}</small>}{party.masked && <small> {t('alerts.masked')}</small>}</span>;
}

export const Link = ({ href, children, ...rest }: { href: string; children: ComponentChildren; class?: string; 'aria-current'?: 'page' | undefined }) => (
  <a href={href} onClick={follow} {...rest}>{children}</a>
);

export function sayProblem(problem: Problem): string {
  const code = `error.${problem.code}` as Code;
  const values = { ...problem.params, code: problem.code } as Record<string, string | number>;
  if (values.from !== undefined) values.from = word('state', String(values.from));
  const said = t(code, values);
  return said === code ? t('error.other', values) : said;
}

export const Failed = ({ problem, retry }: { problem: Problem; retry?: () => void }) => (
  <div class="notice bad" role="alert">
    <p>{sayProblem(problem)}</p>
    {retry && <button type="button" onClick={retry}>{t('error.retry')}</button>}
  </div>
);

export const Loading = () => <p class="loading" role="status">{t('loading')}…</p>;

/** A real <dialog>: focus stays inside, Escape closes. */
export function Dialog({ heading, close, children }: { heading: string; close: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => { box.current?.showModal(); }, []);
  return (
    <dialog ref={box} onClose={close} aria-labelledby="dialog-heading">
      <h2 id="dialog-heading">{heading}</h2>
      {children}
    </dialog>
  );
}

/** A term and what it is, left out when there is nothing to say. */
export const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  children === '' || children === null || children === undefined ? null : <><dt>{name}</dt><dd>{children}</dd></>
);
