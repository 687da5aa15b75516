// SPDX-License-Identifier: Apache-2.0
// route: everything is an address; back restores what was there.
import { useEffect, useState } from 'preact/hooks';

export type Route = { path: string; search: URLSearchParams };

const here = (): Route => ({ path: location.pathname, search: new URLSearchParams(location.search) });

/** Goes to an address of this page; 'replace' leaves no step for "back". */
export function go(to: string, replace = false) {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event('route'));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const changed = () => setRoute(here());
    addEventListener('popstate', changed);
    addEventListener('route', changed);
    return () => {
      removeEventListener('popstate', changed);
      removeEventListener('route', changed);
    };
  }, []);
  return route;
}

/** For <a onClick>: plain clicks stay in the page, all others are the browser's. */
export function follow(event: MouseEvent) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = (event.currentTarget as HTMLAnchorElement).getAttribute('href');
  if (link === null) return;
  event.preventDefault();
  go(link);
}
