// What was read, drawn over the image of a sheet from the places that are stored with the reading: no image is read again.
import {useMemo} from "preact/hooks";
import type {SheetPlaces} from "../../api/types.js";
import {word} from "../../text/text.js";

type Bubble = SheetPlaces["fields"][number]["bubbles"][number];
type Kind = "empty" | "marked" | "flagged";

const kArm = 12;  // pixels of the cross at a corner mark

// An ellipse as two arcs.
function ringOf({x, y, half_width: a, half_height: b, turn_degrees: turn}: Bubble): string {
  const radians = turn * Math.PI / 180;
  const [dx, dy] = [a * Math.cos(radians), a * Math.sin(radians)];
  const at = (px: number, py: number): string => `${px.toFixed(1)} ${py.toFixed(1)}`;
  const arc = `A${a} ${b} ${turn} 1 1 `;
  return `M${at(x - dx, y - dy)}${arc}${at(x + dx, y + dy)}${arc}${at(x - dx, y - dy)}`;
}

interface Label {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly turn: number;
  readonly size: number;
  readonly text: string;
  readonly flagged: boolean;
}

function labelOf(field: SheetPlaces["fields"][number]): Label | null {
  const last = field.bubbles.at(-1);
  const flagged = field.flag !== "ok";
  const text = [field.value, flagged ? word("flag", field.flag) : ""].filter((part) => part !== "").join(" ");
  if (!last || text === "") return null;
  const radians = last.turn_degrees * Math.PI / 180;
  const right = 1.5 * last.half_width;
  return {key: field.name, x: last.x + right * Math.cos(radians), y: last.y + right * Math.sin(radians), turn: last.turn_degrees, size: 1.3 * last.half_height, text, flagged};
}

export function Drawing({places}: {readonly places: SheetPlaces}) {
  const {rings, labels} = useMemo(() => {
    const found: Record<Kind, string> = {empty: "", marked: "", flagged: ""};
    for (const field of places.fields)
      for (const bubble of field.bubbles) found[!bubble.marked ? "empty" : field.flag === "ok" ? "marked" : "flagged"] += ringOf(bubble);
    return {rings: found, labels: places.fields.map(labelOf).filter((label) => label !== null)};
  }, [places]);
  const crosses = places.marks.map(({x, y}) => `M${x - kArm} ${y}h${2 * kArm}M${x} ${y - kArm}v${2 * kArm}`).join("");
  return <svg class="drawing" viewBox={`0 0 ${places.width} ${places.height}`} preserveAspectRatio="none" aria-hidden="true">
    {(["empty", "marked", "flagged"] as const).map((kind) => <path key={kind} class={kind} d={rings[kind]} />)}
    <path class="fiducial" d={crosses} />
    {places.images.map((image) => <polygon key={image.name} class="fiducial" points={image.corners.map(({x, y}) => `${x},${y}`).join(" ")} />)}
    {labels.map((label) => <text key={label.key} class={label.flagged ? "flagged" : "marked"} font-size={label.size} dominant-baseline="central"
      transform={`translate(${label.x.toFixed(1)} ${label.y.toFixed(1)}) rotate(${label.turn})`}>{label.text}</text>)}
  </svg>;
}
