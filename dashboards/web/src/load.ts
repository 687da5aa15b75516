// SPDX-License-Identifier: Apache-2.0
// load: a page's data with its three states: on the way, here, failed.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, Problem } from './api';

export type Loaded<T> = { data: T | null; problem: Problem | null; isLoading: boolean; reload: () => void; set: (data: T) => void };

/** GETs 'path' whenever it changes; null = nothing to load.  An older answer never overwrites a newer one. */
export function useLoad<T>(path: string | null): Loaded<T> {
  const [data, setData] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isLoading, setLoading] = useState(path !== null);
  const turn = useRef(0);
  const load = useCallback(async () => {
    if (path === null) return;
    const mine = ++turn.current;
    setLoading(true);
    try {
      const answer = await get<T>(path);
      if (mine === turn.current) {
        setData(answer);
        setProblem(null);
      }
    } catch (why) {
      if (mine === turn.current) setProblem(why as Problem);
    }
    if (mine === turn.current) setLoading(false);
  }, [path]);
  useEffect(() => {
    setData(null);
    load();
  }, [load]);
  return { data, problem, isLoading, reload: load, set: setData };
}
