// An image that a person can zoom and move: wheel or + and -, drag or arrow keys, double click or 0 for the whole image.
import type {ComponentChildren, JSX} from "preact";
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
  readonly turns?: number;  // quarters by which the image is turned clockwise; it is shown upright
  readonly over?: ComponentChildren;  // drawn over the image, as large as the image
  readonly onMissing?: () => void;
}

interface Shown {
  readonly src: string;
  readonly turns: number;
  readonly ratio: number;  // width by height
  readonly over?: ComponentChildren;
}

// A box around the image that turns it upright: a page on its side has another ratio than its image.
function turnedStyles({turns, ratio}: Shown): readonly [JSX.CSSProperties, JSX.CSSProperties] {
  const quarters = ((turns % 4) + 4) % 4;
  if (quarters === 0) return [{}, {}];
  if (quarters === 2) return [{}, {transform: "rotate(180deg)"}];
  return [{aspectRatio: String(1 / ratio), position: "relative"},
    {position: "absolute", top: "50%", left: "50%", width: `${100 * ratio}%`, transform: `translate(-50%, -50%) rotate(${-90 * quarters}deg)`}];
}

export function ZoomImage({src, first, alt, start = kWhole, turns = 0, over, onMissing}: ZoomProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState(start);
  const [shown, setShown] = useState<Shown>({src: first ?? src, turns: 0, ratio: 0.7});
  const drag = useRef<{x: number; y: number} | null>(null);
  useEffect(() => setView(start), [start]);

  // The earlier image stays, with what is drawn over it, until the next one is loaded, so that nothing flickers.
  useEffect(() => {
    const show = (image: HTMLImageElement, name: string): void =>
      setShown({src: name, turns, ratio: image.naturalWidth / image.naturalHeight || 1, over});
    if (shown.src === src && frame.current?.querySelector("img")?.complete) {
      setShown((before) => ({...before, turns, over}));
      return;
    }
    const next = new Image();
    const quick = new Image();
    const stop = (): void => { next.onload = next.onerror = quick.onload = null; };
    next.onload = () => { stop(); show(next, src); };
    next.onerror = () => { stop(); show(next, src); onMissing?.(); };
    next.src = src;
    if (first !== undefined && first !== src && !next.complete) {
      quick.onload = () => show(quick, first);
      quick.src = first;
    }
    return stop;
  }, [src, turns, over]);

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

  const [outer, inner] = turnedStyles(shown);
  return <div class="zoom">
    <div ref={frame} class={view.scale > 1 ? "frame zoomed" : "frame"} tabindex={0} role="group" aria-label={t("zoom.label", {what: alt})} onKeyDown={onKey}
      onDblClick={() => setView(view.scale > 1 ? kWhole : {scale: 3, x: -1, y: -1})}
      onPointerDown={(event) => { if (view.scale > 1) { drag.current = {x: event.clientX, y: event.clientY}; event.currentTarget.setPointerCapture(event.pointerId); } }}
      onPointerMove={onMove} onPointerUp={() => { drag.current = null; }}>
      <div class="layer" style={{...outer, width: `${view.scale * 100}%`, marginLeft: `${view.x * 100}%`, marginTop: `${view.y * 100}%`}}>
        <div class="layer" style={inner}><img src={shown.src} alt={alt} draggable={false} class={shown.over ? "pale" : undefined} />{shown.over}</div></div>
    </div>
    <div class="zoom-buttons">
      <button type="button" aria-label={t("zoom.in")} onClick={() => zoom(1.5)}>+</button>
      <button type="button" aria-label={t("zoom.out")} onClick={() => zoom(1 / 1.5)}>−</button>
      <button type="button" aria-label={t("zoom.whole")} onClick={() => setView(kWhole)}>⤢</button>
    </div>
  </div>;
}
