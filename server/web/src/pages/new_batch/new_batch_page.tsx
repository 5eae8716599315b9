// Starts a batch: files, a pipeline, and its params.
import {useEffect, useRef, useState} from "preact/hooks";
import type {ParamValue} from "@sheafline/client";
import {call} from "../../api/call.js";
import type {Page, Param, Pipeline} from "../../api/types.js";
import {go} from "../../router.js";
import {bytes, percent} from "../../text/format.js";
import {t} from "../../text/text.js";
import {confirmed, labelsOf} from "../../ui/ask.js";
import {Button, Failed, Form, valueOf} from "../../ui/controls.js";
import {tellError} from "../../ui/notices.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {type Chosen, chosenOf, groupsOf, isScan, kKinds, paramFileOf, takeDropped} from "./files.js";
import {ParamField} from "./param_field.js";
import {discardUnfinished, submit, submitWithoutFile, unfinishedUploads} from "./uploads.js";

const kLast = "sheafline-pipeline";

async function valuesOf(form: HTMLFormElement, params: readonly Param[]): Promise<Record<string, ParamValue>> {
  const values = await Promise.all(params.map(async (param): Promise<readonly [string, ParamValue]> => {
    const field = form.elements.namedItem("param." + param.name);
    const file = field instanceof HTMLInputElement && field.type === "file" ? field.files?.[0] : undefined;
    return [param.name, file ? await paramFileOf(file) : valueOf(form, "param." + param.name)];
  }));
  return Object.fromEntries(values.filter(([, value]) => value !== ""));
}

function UnfinishedUploads() {
  const {data, reload} = useData(unfinishedUploads, []);
  if (!data || data.length === 0) return null;
  return <section class="card unfinished"><h2>{t("unfinished")}</h2><p class="quiet">{t("unfinished.hint")}</p>
    <ul>{data.map((one) => <li key={one.batch} class="row spread"><span>{t("unfinished.at", {name: one.name, done: percent(one.share)})}</span>
      <Button kind="risky" act={async () => {
        if (!await confirmed(t("unfinished.ask", {name: one.name}), t("unfinished.discard"))) return;
        await discardUnfinished(one.batch);
        await reload();
      }}>{t("unfinished.discard")}</Button></li>)}</ul></section>;
}

function FileField({files, onFiles}: {readonly files: readonly Chosen[]; readonly onFiles: (files: readonly Chosen[]) => void}) {
  const field = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement | null>(null);
  const hasFolders = files.some(({path}) => path.includes("/"));
  // Dropped files also go into the field, so that it names what is sent. A field of files cannot show folders.
  useEffect(() => {
    if (!field.current) return;
    const shown = hasFolders ? [] : files;
    if (field.current.files?.length === shown.length) return;
    const transfer = new DataTransfer();
    for (const {file} of shown) transfer.items.add(file);
    field.current.files = transfer.files;
  }, [files]);
  const groups = groupsOf(files);
  const size = files.reduce((sum, {file}) => sum + file.size, 0);
  const odd = files.filter((one) => !isScan(one));
  return <div class="stack">
    <label class="drop">
      <b>{files.length === 0 ? t("new.drop") : t("new.files", {n: files.length})}</b>
      <span class="quiet breaks">{files.length === 0 ? t("new.kinds") : `${files.slice(0, 8).map(({path}) => path).join(", ")}${files.length > 8 ? " …" : ""} · ${bytes(size)}`}</span>
      <input ref={field} name="file" type="file" multiple accept={kKinds} onChange={(event) => onFiles(chosenOf(event.currentTarget.files ?? []))} /></label>
    <div class="row"><button type="button" onClick={() => folder.current?.click()}>{t("new.folder")}</button>
      <input ref={(input) => { folder.current = input; input?.setAttribute("webkitdirectory", ""); }} name="folder" type="file" hidden aria-label={t("new.folder")} onChange={(event) => {
        onFiles(chosenOf(event.currentTarget.files ?? []));
        event.currentTarget.value = "";
      }} /></div>
    {groups.length > 1 ? <p class="hint">{t(hasFolders ? "new.severalFolders" : "new.several", {n: groups.length})}</p> : files.length > 1
      ? <p class="hint">{t(hasFolders ? "new.folderTogether" : "new.together", {n: files.length, folder: groups[0]?.name ?? ""})}</p> : null}
    {odd.length > 0 ? <p class="hint wait">{t("new.odd", {names: odd.slice(0, 5).map(({path}) => path).join(", ")})}</p> : null}
  </div>;
}

export function NewBatchPage({params}: {readonly params: URLSearchParams}) {
  useTitle(t("nav.new"));
  const {data, error} = useData(() => call<Page<Pipeline>>("/api/pipelines"), []);
  const [chosen, setChosen] = useState(params.get("pipeline") ?? localStorage.getItem(kLast) ?? "");
  const [files, setFiles] = useState<readonly Chosen[]>(takeDropped);
  const pipelines = data?.items ?? [];
  const pipeline = pipelines.find((one) => one.name === chosen) ?? pipelines[0];
  const groups = groupsOf(files);
  useEffect(() => {
    const take = (): void => setFiles(takeDropped());
    addEventListener("filesdropped", take);
    return () => removeEventListener("filesdropped", take);
  }, []);

  async function send(form: HTMLFormElement): Promise<void> {
    if (!pipeline) return;
    localStorage.setItem(kLast, pipeline.name);
    if (pipeline.upload && files.length === 0) throw new Error(t("new.noFile"));
    const order = {pipeline: pipeline.name, params: await valuesOf(form, pipeline.params), name: valueOf(form, "name"), labels: labelsOf(valueOf(form, "labels"))};
    if (!pipeline.upload) return go("#/batches/" + await submitWithoutFile(order));
    const ids: string[] = [];
    for (const group of groups)
      ids.push(await submit(groups.length > 1 ? {...order, name: ""} : order, group, ({offset, size}) => confirmed(
        t("upload.again", {name: group.name, done: percent(offset / (size || 1))}), t("upload.resume"), t("upload.fresh"), "main")));
    go(ids.length === 1 ? "#/batches/" + ids[0] : "#/");
  }

  return <section class="page medium">
    <div class="head"><h1>{t("nav.new")}</h1></div>
    <Failed error={error} />
    <UnfinishedUploads />
    {data && pipelines.length === 0 ? <p class="empty">{t("new.noPipelines")}</p> : null}
    {pipeline ? <Form class="card stack new-batch" send={send}>
      {pipeline.upload ? <FileField files={files} onFiles={setFiles} /> : null}
      <label>{t("list.pipeline")}<select name="pipeline" value={pipeline.name} onChange={(event) => setChosen(event.currentTarget.value)}>
        {pipelines.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}</select>
        {pipeline.description ? <span>{pipeline.description}</span> : null}
        <span class="quiet">{t("new.stages", {stages: pipeline.stages.join(" → ")})}</span></label>
      <div class="grid" key={pipeline.name}>{pipeline.params.map((param) => <ParamField key={param.name} param={param} />)}</div>
      <div class="grid">
        <label>{t("name")}<input name="name" maxlength={200} placeholder={groups[0]?.name ?? t("new.nameHint")} disabled={groups.length > 1} /></label>
        <label>{t("new.labels")}<textarea name="labels" rows={1} placeholder="class=7B" /></label>
      </div>
      <div class="row end"><button class="main" onClick={(event) => {
        const bad = event.currentTarget.form?.querySelector<HTMLInputElement>(":invalid");
        if (bad) tellError(new Error(`${bad.name.replace(/^param\./, "")}: ${bad.validationMessage}`));
      }}>{t("new.start")}</button></div>
    </Form> : null}
  </section>;
}
