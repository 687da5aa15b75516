// SPDX-License-Identifier: Apache-2.0
// text: the page's sentences and formats in Japanese and English.
import ja from './ja.json';
import en from './en.json';
import type { Title } from './types';

export type Language = 'ja' | 'en';
export type Code = keyof typeof en;
const tables: Record<Language, Record<Code, string>> = { ja, en };
const ZONE = 'Asia/Tokyo';

export function firstLanguage(): Language {
  const kept = localStorage.getItem('language');
  if (kept === 'ja' || kept === 'en') return kept;
  return navigator.language.startsWith('ja') ? 'ja' : 'en';
}

let language: Language = firstLanguage();
export const currentLanguage = () => language;

export function setLanguage(next: Language) {
  language = next;
  localStorage.setItem('language', next);
  document.documentElement.lang = next;
}

/** The sentence of a code with {name} filled in; a code the tables lack shows as itself. */
export function t(code: Code, values: Record<string, string | number> = {}): string {
  return (tables[language][code] ?? code).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** A word the server sends, such as a state: "state.new"; unknown words show as they are. */
export function word(kind: string, value: string): string {
  const code = `${kind}.${value}`;
  return code in tables[language] ? tables[language][code as Code] : value;
}

export const title = (both: Title | null | undefined) => (both ? both[language] || both.ja || both.en : '');
export const number = (value: number) => new Intl.NumberFormat(language).format(value);
export const percent = (share: number) => {
  // 99.95 must not be shown as 100: coverage is never rounded up
  const floored = Math.floor(share * 1000) / 10;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(floored)}%`;
};

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value > 0 ? Math.min(4, Math.floor(Math.log10(value) / 3)) : 0;
  return `${new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value / 1000 ** power)} ${units[power]}`;
}

const dateTime = (value: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', { timeZone: ZONE, ...options }).format(new Date(value));

export const time = (value: string | null) =>
  value === null ? '–' : dateTime(value, { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
export const day = (value: string) => dateTime(value, { year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short' });
export const hour = (value: number) => dateTime(new Date(value * 1000).toISOString(), { hour: '2-digit', minute: '2-digit', hour12: false });

export function age(from: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(from)) / 60000));
  if (minutes < 60) return t('age.minutes', { n: minutes });
  if (minutes < 48 * 60) return t('age.hours', { n: Math.floor(minutes / 60) });
  return t('age.days', { n: Math.floor(minutes / 1440) });
}
