// An image that a person can zoom and move: wheel or + and -, drag or arrow keys, double click or 0 for the whole image.
import {useEffect, useRef, useState} from "preact/hooks";
import {t} from "../text/text.js";

export interface View {
  readonly scale: number;  // 1 is the width of the frame
  readonly x: number;      // of the upper left corner, in widths of the frame
  readonly y: number;
}

export const kWhole: View = {scale: 1, x: 0, y: 0};
const kMost = 12;

interface ZoomProps {
  readonly src: string;
  readonly alt: string;
  readonly first?: string;  // shown until `src` is loaded, if that is quicker
  readonly start?: View;
  readonly onMissing?: () => void;
  readonly onLoaded?: () => void;
}

export function ZoomImage({src, first, alt, start = kWhole, onMissing, onLoaded}: ZoomProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState(start);
  const [shown, setShown] = useState(first ?? src);
  const drag = useRef<{x: number; y: number} | null>(null);
  useEffect(() => setView(start), [start]);

  // The earlier image stays until the next one is loaded, so that nothing flickers.
  useEffect(() => {
    const next = new Image();
    const quick = new Image();
    const stop = (): void => { next.onload = next.onerror = quick.onload = null; };
    next.onload = () => { stop(); setShown(src); onLoaded?.(); };
    next.onerror = () => { stop(); setShown(src); onMissing?.(); };
    next.src = src;
    if (first !== undefined && first !== src && !next.complete) {
      quick.onload = () => setShown(first);
      quick.src = first;
    }
    return stop;
  }, [src]);

  function zoom(factor: number, atX = 0.5, atY = 0.5): void {
    setView((now) => {
      const scale = Math.min(kMost, Math.max(1, now.scale * factor));
      const grown = scale / now.scale;
      return scale === 1 ? kWhole : {scale, x: atX - (atX - now.x) * grown, y: atY - (atY - now.y) * grown};
    });
  }

  const move = (x: number, y: number): void => setView((now) => ({...now, x: now.x + x, y: now.y + y}));

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.shiftKey && document.activeElement !== element) return;  // else the page scrolls
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 400), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.width);
    };
    element.addEventListener("wheel", onWheel, {passive: false});
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  function onKey(event: KeyboardEvent): void {
    const steps: Record<string, () => void> = {
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": () => setView(kWhole),
      ArrowLeft: () => move(0.1, 0), ArrowRight: () => move(-0.1, 0), ArrowUp: () => move(0, 0.1), ArrowDown: () => move(0, -0.1),
    };
    const step = steps[event.key];
    if (!step || (view.scale === 1 && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  }

  function onMove(event: PointerEvent): void {
    const box = frame.current?.getBoundingClientRect();
    if (!drag.current || !box) return;
    move((event.clientX - drag.current.x) / box.width, (event.clientY - drag.current.y) / box.width);
    drag.current = {x: event.clientX, y: event.clientY};
  }

  return <div class="zoom">
    <div ref={frame} class={view.scale > 1 ? "frame zoomed" : "frame"} tabindex={0} role="group" aria-label={t("zoom.label", {what: alt})} onKeyDown={onKey}
      onDblClick={() => setView(view.scale > 1 ? kWhole : {scale: 3, x: -1, y: -1})}
      onPointerDown={(event) => { if (view.scale > 1) { drag.current = {x: event.clientX, y: event.clientY}; event.currentTarget.setPointerCapture(event.pointerId); } }}
      onPointerMove={onMove} onPointerUp={() => { drag.current = null; }}>
      <img src={shown} alt={alt} draggable={false} style={{width: `${view.scale * 100}%`, marginLeft: `${view.x * 100}%`, marginTop: `${view.y * 100}%`}} />
    </div>
    <div class="zoom-buttons">
      <button type="button" aria-label={t("zoom.in")} onClick={() => zoom(1.5)}>+</button>
      <button type="button" aria-label={t("zoom.out")} onClick={() => zoom(1 / 1.5)}>−</button>
      <button type="button" aria-label={t("zoom.whole")} onClick={() => setView(kWhole)}>⤢</button>
    </div>
  </div>;
}
