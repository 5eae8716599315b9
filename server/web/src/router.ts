// The page and its filters are the part of the address after "#": #/batches/ID?state=read. Back returns to the same filters and
// the same scroll position.
import {useEffect, useState} from "preact/hooks";

export interface Place {
  readonly parts: readonly string[];
  readonly params: URLSearchParams;
  readonly hash: string;
}

export function placeOf(hash: string): Place {
  const text = hash.replace(/^#\/?/, "");
  const cut = text.indexOf("?");
  const path = cut < 0 ? text : text.slice(0, cut);
  const parts = path.split("/").filter((part) => part !== "").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return {parts, params: new URLSearchParams(cut < 0 ? "" : text.slice(cut + 1)), hash};
}

const scrolls = new Map<string, number>();  // by address

export function go(hash: string): void {
  location.hash = hash;
}

// Changes a filter of the page without a step in the history.
export function setParams(changes: Readonly<Record<string, string>>): void {
  const {params} = placeOf(location.hash);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") params.delete(name);
    else params.set(name, value);
  }
  const path = location.hash.split("?")[0] || "#/";
  const text = params.toString();
  history.replaceState(null, "", text === "" ? path : `${path}?${text}`);
  window.dispatchEvent(new Event("placechange"));
}

history.scrollRestoration = "manual";
let leaving = location.hash;
addEventListener("scroll", () => scrolls.set(leaving, scrollY), {passive: true});

// Scrolls to where the person was. Call it when the page has its content.
export function restoreScroll(): void {
  const y = scrolls.get(location.hash) ?? 0;
  if (y > 0) requestAnimationFrame(() => scrollTo(0, y));
}

export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const moved = (event: Event): void => {
      const path = location.hash.split("?")[0];
      const same = leaving.split("?")[0] === path;
      leaving = location.hash;
      setHash(location.hash);
      if (event.type !== "hashchange" || same) return;
      if (!scrolls.has(location.hash)) scrollTo(0, 0);
      document.getElementById("main")?.focus({preventScroll: true});
    };
    addEventListener("hashchange", moved);
    addEventListener("placechange", moved);
    return () => {
      removeEventListener("hashchange", moved);
      removeEventListener("placechange", moved);
    };
  }, []);
  return placeOf(hash);
}
