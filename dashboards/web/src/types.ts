// SPDX-License-Identifier: Apache-2.0
// types: what docs/API.md says the server sends, as far as the pages use it.
export type Title = { ja: string; en: string };
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';
export type State = 'new' | 'acknowledged' | 'investigating' | 'escalated' | 'closed';
export type VerdictWord = 'satisfied' | 'violated' | 'unobservable' | 'not_applicable' | 'error';
export const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
export const VERDICTS: VerdictWord[] = ['satisfied', 'violated', 'unobservable', 'not_applicable', 'error'];
export const REASONS = ['true_positive', 'benign_expected', 'false_positive_rule', 'false_positive_data', 'duplicate', 'other'] as const;

export type Region = { id: string; title: Title };
export type Me = {
  name: string; role: string; region: string; language: '' | 'ja' | 'en'; permissions: string[];
  idle_expires: string; expires: string; now: string; regions: Region[]; period_offset: string; version: string;
};
export type Ruleset = { sha256: string; policy: string; version: string; first_used: string } | null;
export type SensorState = { sensor: string; poi: string; state: 'reporting' | 'silent'; coverage: number; last_record: string | null };
export type Node = {
  region: string; service: string; service_kind: string; title: Title; records: number; bytes: number; last_hour: number;
  alerts: Record<Severity, number>;
};
export type Overview = {
  now: string; as_of_seq: number; last_record: string | null; lag_seconds: number | null; ruleset: Ruleset;
  alerts: {
    open: Record<Severity, number>; age: Record<'under_1h' | 'under_24h' | 'under_7d' | 'older', number>;
    states: Record<string, number>; oldest_new: string | null; accepted: number;
  };
  verdicts: Record<VerdictWord, number> & { day: string; provisional: number };
  unobservable: { reason: string; count: number }[];
  sensors: { total: number; reporting: number; silent: number; losing: number };
  coverage: SensorState[]; nodes: Node[]; regions: (Region & { coverage: number })[];
  series: {
    start: string; step: number; count: number; records: Record<string, number[]>; bytes: number[];
    alerts: Record<Severity, number[]>;
  };
};
export type Party = { id: string; title: Title; region: string; ip: string; masked: boolean };
export type Alert = {
  id: string; seq: number; rule: string; category: string; severity: Severity; title: Title; state: State; reason: string;
  assignee: string; version: number; changed: string | null; episode: string; disposition: string; exception: string; late: boolean;
  first: string; last: string; count: number; client: Party; server: Party;
  service: { id: string; kind: string; title: Title } | null; server_port: number; poi: string; evidence: number; notes: number;
};
export type Page<T> = {
  items: T[]; next: string | null; as_of_seq: number; as_of_change: number; total: { value: number; exact: boolean };
  groups?: Group[];
};
export type Group = {
  key: string; title: Title; alerts: number; occurrences: number; open: number; severity: Severity; first: string; last: string; filter: string;
};
export type Requirement = {
  id: string; kind: string; severity: Severity; title: Title; document: Title; clause: string; rationale: Title; remedy: Title;
  settled_by: Title; min_coverage: number; status?: string;
};
export type Evidence = { record: string; time: string; masked: boolean; line: Record<string, unknown> };
export type FullParty = Party & { kind: string; kana: string; code?: string; contact?: string };
export type AlertDetail = Alert & {
  sentence: Title;
  conditions: { what: string; required: string; observed: string; outcome: 'ok' | 'matched' | 'violated' | 'not_observed'; record: string; unobservable: string }[];
  evidence_missing: number; not_visible: { what: string; reason: string; record: string }[];
  requirement: Requirement | null; parties: { client: FullParty | null; server: FullParty | null };
  community_id: string; vlan: string; ruleset: string; actions: string[];
  history: { id: number; time: string; user: string; from: string; to: string; reason: string; note: string; assignee: string }[];
  similar: { id: string; why: string; title: Title; severity: Severity; state: State; reason: string; first: string; last: string; count: number }[];
  similar_counts: { rule: number; client: number; pair: number };
};
export type AlertWithEvidence = Omit<AlertDetail, 'evidence'> & { evidence: Evidence[] };
export type Cell = {
  verdict: VerdictWord; provisional: boolean; derived: boolean; coverage: number; accepted: number; reason: string;
  days: Record<VerdictWord, number>;
};
export type Compliance = {
  region: Region; period: { from: string; to: string; days: number; elapsed: number }; as_of: string | null;
  participants: { id: string; kind: string; title: Title; kana: string; coverage: number; sensors: string[] }[];
  requirements: (Requirement & { cells: Cell[] })[];
  summary: Record<VerdictWord, number> & { provisional: number; coverage: number }; ruleset: Ruleset;
};
export type Windows = {
  requirement: Requirement; participant: { id: string; kind: string; title: Title };
  windows: {
    from: string; to: string; verdict: VerdictWord; provisional: boolean; derived: boolean; disposition: string; exception: string;
    good: number; bad: number; unknown: number; failed: number; coverage: number; reason: string;
    reasons: { reason: string; count: number }[]; evidence: Evidence[]; evidence_missing: number; evidence_class: string;
  }[];
  alerts: { id: string; severity: Severity; state: State; title: Title; first: string; last: string; count: number }[];
};
