// SPDX-License-Identifier: Apache-2.0
// keys: single-letter shortcuts, which can be switched off (WCAG 2.1.4).
import { useEffect } from 'preact/hooks';

export type Keys = Record<string, () => void>;
let waiting = '';

export const keysAreOn = () => localStorage.getItem('keys') !== 'off';
export const setKeys = (on: boolean) => localStorage.setItem('keys', on ? 'on' : 'off');

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** Names: "j", "g a" (one after the other), "Escape".  Not while somebody types or a dialog is open. */
export function useKeys(keys: Keys) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
      if (!keysAreOn() && event.key.length === 1) return;
      const both = `${waiting} ${event.key}`;
      const call = keys[both] ?? keys[event.key];
      if (event.key === 'g') {
        waiting = 'g';
        setTimeout(() => { waiting = ''; }, 1200);
      }
      if (call) {
        if (both in keys) waiting = '';
        event.preventDefault();
        call();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
