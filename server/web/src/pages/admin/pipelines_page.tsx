// The pipelines with their stages and params, and the plugins.
import {useState} from "preact/hooks";
import {call} from "../../api/call.js";
import {client} from "../../api/client.js";
import {mayCreate} from "../../api/rights.js";
import type {Page, Param, Pipeline, Plugin, Session} from "../../api/types.js";
import {t, word} from "../../text/text.js";
import {Failed} from "../../ui/controls.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {hintOf} from "../new_batch/param_field.js";
import {Graph} from "./pipeline_graph.js";

function Params({name, params}: {readonly name: string; readonly params: readonly Param[]}) {
  if (params.length === 0) return <p class="quiet">{t("pipelines.noParams")}</p>;
  return <div class="scroll" tabindex={0} role="region" aria-label={t("pipelines.params", {name})}><table class="responsive">
    <thead><tr><th>{t("pipelines.param")}</th><th>{t("pipelines.type")}</th><th>{t("pipelines.default")}</th><th>{t("pipelines.help")}</th></tr></thead>
    <tbody>{params.map((param) => <tr key={param.name}><td class="name">{param.name}</td><td data-label={t("pipelines.type")}>{param.type}</td>
      <td data-label={t("pipelines.default")}>{param.default ?? (param.required ? t("pipelines.required") : "–")}</td><td class="wide quiet">{[param.help, hintOf(param), param.choices?.join(", ") ?? ""].filter((text) => text !== "").join(". ")}</td></tr>)}</tbody>
  </table></div>;
}

// The file of the pipeline, loaded when a person opens it.
function Source({name}: {readonly name: string}) {
  const [open, setOpen] = useState(false);
  const {data, error} = useData(async () => open ? (await client.send(`/api/pipelines/${encodeURIComponent(name)}/source`)).text() : "", [name, open]);
  return <details class="source" onToggle={(event) => setOpen(event.currentTarget.open)}><summary>{t("pipelines.file")}</summary>
    <Failed error={error} />
    {open && data ? <pre tabindex={0} role="region" aria-label={t("pipelines.fileOf", {name})}>{data}</pre> : null}
  </details>;
}

export function PipelinesPage({session}: {readonly session: Session}) {
  useTitle(t("nav.pipelines"));
  const {data, error} = useData(() => call<Page<Pipeline>>("/api/pipelines"), []);
  const plugins = useData(() => call<Page<Plugin>>("/api/plugins"), []);
  return <section class="page">
    <div class="head"><h1>{t("nav.pipelines")}</h1><a href="#/plugins">{t("nav.plugins")}</a></div>
    <Failed error={error} />
    {data && data.items.length === 0 ? <p class="empty">{t("new.noPipelines")}</p> : null}
    {data?.items.map((pipeline) => <section key={pipeline.name} class="card pipeline">
      <div class="row spread"><h2>{pipeline.name}</h2>{mayCreate(session) ? <a class="button" href={"#/new?pipeline=" + encodeURIComponent(pipeline.name)}>{t("pipelines.use")}</a> : null}</div>
      <p>{pipeline.description}</p>
      <Graph name={pipeline.name} plugins={plugins.data?.items ?? []} />
      <Params name={pipeline.name} params={pipeline.params} />
      <Source name={pipeline.name} />
    </section>)}
  </section>;
}

export function PluginsPage() {
  useTitle(t("nav.plugins"));
  const {data, error} = useData(() => call<Page<Plugin>>("/api/plugins"), []);
  return <section class="page medium">
    <div class="head"><h1>{t("nav.plugins")}</h1><a href="#/pipelines">{t("nav.pipelines")}</a></div>
    <Failed error={error} />
    <div class="scroll card flush" tabindex={0} role="region" aria-label={t("nav.plugins")}><table class="responsive">
      <thead><tr><th>{t("name")}</th><th>{t("plugins.kind")}</th><th>{t("plugins.version")}</th><th>{t("plugins.summary")}</th></tr></thead>
      <tbody>{data?.items.map((plugin) => <tr key={plugin.kind + plugin.name}><td class="name">{plugin.name}</td><td data-label={t("plugins.kind")}>{word("plugin", plugin.kind)}</td><td data-label={t("plugins.version")}>{plugin.version}</td><td class="wide quiet">{plugin.summary}</td></tr>)}</tbody>
    </table></div>
  </section>;
}
