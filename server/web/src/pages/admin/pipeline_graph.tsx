// The stages of a pipeline as boxes, from left to right in the order in which they can run. Each box is a button that says more
// about its stage.
import {useMemo, useState} from "preact/hooks";
import {call} from "../../api/call.js";
import type {PipelineGraph, Plugin} from "../../api/types.js";
import {t} from "../../text/text.js";
import {Failed} from "../../ui/controls.js";
import {useData} from "../../ui/use_data.js";

const kBox = {width: 136, height: 44};
const kGap = {x: 34, y: 18};

type Node = PipelineGraph["nodes"][number];

interface Placed {
  readonly node: Node;
  readonly column: number;
  readonly row: number;
}

// The column of a stage is one beyond the last stage that it needs; what runs at the end in any case has the last column.
export function placesOf({nodes, edges}: Pick<PipelineGraph, "nodes" | "edges">): readonly Placed[] {
  const columns = new Map<string, number>();
  const needs = new Map(nodes.map((node) => [node.id, edges.filter((edge) => edge.to === node.id && edge.kind === "needs").map((edge) => edge.from)]));
  const columnOf = (id: string): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    columns.set(id, 0);  // a pipeline has no cycles; this ends one in any case
    const column = Math.max(-1, ...(needs.get(id) ?? []).map(columnOf)) + 1;
    columns.set(id, column);
    return column;
  };
  const last = Math.max(0, ...nodes.filter((node) => node.kind === "stage").map((node) => columnOf(node.id)));
  const used = new Map<number, number>();
  return nodes.map((node) => {
    const column = node.kind === "finally" ? last + 1 : columnOf(node.id);
    const row = used.get(column) ?? 0;
    used.set(column, row + 1);
    return {node, column, row};
  });
}

const left = ({column}: Placed): number => column * (kBox.width + kGap.x) + 2;
const top = ({row}: Placed): number => row * (kBox.height + kGap.y) + 2;

function About({node, graph, summary}: {readonly node: Node; readonly graph: PipelineGraph; readonly summary: string}) {
  const needs = graph.edges.filter((edge) => edge.to === node.id && edge.kind === "needs").map((edge) => edge.from);
  const facts = [
    [t("pipelines.uses"), summary === "" ? node.uses : `${node.uses}: ${summary}`],
    [t("pipelines.needs"), node.kind === "finally" ? t("pipelines.finally") : needs.length > 0 ? needs.join(", ") : t("pipelines.first")],
    ...(node.condition === "" ? [] : [[t("pipelines.if"), node.condition] as const]),
    ...(node.review ? [[t("review"), t("pipelines.review")] as const] : []),
  ] as const;
  return <div class="about-stage" role="status"><b>{node.id}</b><dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl></div>;
}

export function Graph({name, plugins}: {readonly name: string; readonly plugins: readonly Plugin[]}) {
  const {data, error} = useData(() => call<PipelineGraph>(`/api/pipelines/${encodeURIComponent(name)}/graph`), [name]);
  const [chosen, setChosen] = useState("");
  const places = useMemo(() => data ? placesOf(data) : [], [data]);
  if (!data) return <Failed error={error} />;
  const at = new Map(places.map((place) => [place.node.id, place]));
  const size = {width: Math.max(0, ...places.map(left)) + kBox.width + 2, height: Math.max(0, ...places.map(top)) + kBox.height + 2};
  const lines = data.edges.flatMap((edge) => {
    const [from, to] = [at.get(edge.from), at.get(edge.to)];
    if (!from || !to) return [];
    const [x1, y1, x2, y2] = [left(from) + kBox.width, top(from) + kBox.height / 2, left(to), top(to) + kBox.height / 2];
    return [<path key={`${edge.from} ${edge.to}`} class={edge.kind} d={`M${x1} ${y1}C${x1 + kGap.x / 2} ${y1} ${x2 - kGap.x / 2 - 6} ${y2} ${x2 - 6} ${y2}l-5 -4m5 4l-5 4`} />];
  });
  const node = data.nodes.find((one) => one.id === chosen);
  return <>
    <div class="scroll graph" role="group" aria-label={t("pipelines.graph", {name})}><div class="graph-page" style={{width: `${size.width}px`, height: `${size.height}px`}}>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} width={size.width} height={size.height} aria-hidden="true">{lines}</svg>
      {places.map((place) => <button type="button" key={place.node.id} data-stage={place.node.id} class={`stage-box ${place.node.kind}${place.node.id === chosen ? " chosen" : ""}`}
        aria-expanded={place.node.id === chosen} onClick={() => setChosen(place.node.id === chosen ? "" : place.node.id)}
        style={{left: `${left(place)}px`, top: `${top(place)}px`, width: `${kBox.width}px`, height: `${kBox.height}px`}}>
        <b>{place.node.id}</b><span class="quiet">{place.node.uses}{place.node.condition ? " ?" : ""}{place.node.review ? " ☑" : ""}</span></button>)}
    </div></div>
    {node ? <About node={node} graph={data} summary={plugins.find((plugin) => plugin.kind === "stage" && plugin.name === node.uses)?.summary ?? ""} /> : <p class="quiet">{t("pipelines.pick")}</p>}
    {data.sinks.length > 0 ? <p class="quiet">{t("pipelines.sinks", {sinks: data.sinks.join(", ")})}</p> : null}
  </>;
}
