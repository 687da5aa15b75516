// SPDX-License-Identifier: Apache-2.0
// actions: what people do to alerts, and the questions that go with it (a reason, a note, a name).
import { useState } from 'preact/hooks';
import { Dialog } from './marks';
import { t, word } from './text';
import { REASONS } from './types';

export type Action = 'ack' | 'assign' | 'investigate' | 'escalate' | 'close' | 'reopen' | 'note';
export type Answer = { note?: string; reason?: string; assignee?: string };

/** Acknowledging, investigating and reopening ask nothing: one key, one click. */
export const asks = (action: Action) => !['ack', 'investigate', 'reopen'].includes(action);

type Props = { action: Action; count: number; me: string; done: (answer: Answer) => void; close: () => void };

export function Question({ action, count, me, done, close }: Props) {
  const [reason, setReason] = useState<string>(REASONS[0]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const answer: Answer = {};
    if (form.get('note')) answer.note = String(form.get('note'));
    if (action === 'close') answer.reason = reason;
    if (action === 'assign') answer.assignee = String(form.get('assignee'));
    done(answer);
  };
  const needsNote = action === 'note' || (action === 'close' && reason === 'other');
  return (
    <Dialog heading={`${t(`action.${action}`)}${count > 1 ? ` (${t('alerts.total', { n: count })})` : ''}`} close={close}>
      <form onSubmit={submit}>
        {action === 'close' && <fieldset><legend>{t('action.reason')}</legend>{REASONS.map((each) => (
          <label class="radio" key={each}><input type="radio" name="reason" value={each} checked={reason === each} onChange={() => setReason(each)} /> {word('reason', each)}</label>
        ))}</fieldset>}
        {action === 'assign' && <label>{t('action.assignee')}<input name="assignee" defaultValue={me} required /></label>}
        <label>{t('action.note_text')}<textarea name="note" rows={3} maxLength={4000} required={needsNote} /></label>
        <p><button class="main">{t(`action.${action}`)}</button> <button type="button" onClick={close}>{t('cancel')}</button></p>
      </form>
    </Dialog>
  );
}
