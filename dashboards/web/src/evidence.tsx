// SPDX-License-Identifier: Apache-2.0
// evidence: the records an alert or a verdict leans on, as they were written.
import { t, time } from './text';
import type { Evidence } from './types';

export const EvidenceList = ({ evidence, missing }: { evidence: Evidence[]; missing: number }) => (
  <>
    {evidence.map((each) => (
      <details key={each.record} id={`record-${each.record}`} class="evidence">
        <summary><span class="mono">{each.record}</span> <small>{time(each.time)} · {String(each.line.event_type ?? '')}</small></summary>
        {each.masked && <p><small>{t('alert.masked')}</small></p>}
        <pre tabIndex={0}>{JSON.stringify(each.line, null, 2)}</pre>
      </details>
    ))}
    {missing > 0 && <p><small>{t('alert.evidence_missing', { n: missing })}</small></p>}
  </>
);
