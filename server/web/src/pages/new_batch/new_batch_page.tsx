// Starts a batch: files, a pipeline, and its params.
import {useEffect, useRef, useState} from "preact/hooks";
import {call} from "../../api/call.js";
import type {Page, Param, Pipeline} from "../../api/types.js";
import {go} from "../../router.js";
import {bytes, percent} from "../../text/format.js";
import {t} from "../../text/text.js";
import {confirmed, labelsOf} from "../../ui/ask.js";
import {Failed, Form, valueOf} from "../../ui/controls.js";
import {tellError} from "../../ui/notices.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {ParamField} from "./param_field.js";
import {resume, submit, unfinished} from "./uploads.js";

const kLast = "sheafline-pipeline";

function valuesOf(form: HTMLFormElement, params: readonly Param[]): Record<string, string> {
  const values = params.map((param) => [param.name, valueOf(form, "param." + param.name)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== ""));
}

// Files may be dropped anywhere on the page.
function useDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent): void => { if (hasFiles(event)) { ++depth; setOver(true); } };
    const leave = (event: DragEvent): void => { if (hasFiles(event) && --depth <= 0) setOver(false); };
    const hold = (event: DragEvent): void => { if (hasFiles(event)) event.preventDefault(); };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      latest.current([...event.dataTransfer?.files ?? []]);
    };
    const all = {dragenter: enter, dragleave: leave, dragover: hold, drop} as const;
    for (const [name, act] of Object.entries(all)) addEventListener(name, act as EventListener);
    return () => { for (const [name, act] of Object.entries(all)) removeEventListener(name, act as EventListener); };
  }, []);
  return over;
}

export function NewBatchPage() {
  useTitle(t("nav.new"));
  const {data, error} = useData(() => call<Page<Pipeline>>("/api/pipelines"), []);
  const [chosen, setChosen] = useState(localStorage.getItem(kLast) ?? "");
  const [files, setFiles] = useState<readonly File[]>([]);
  const pipelines = data?.items ?? [];
  const pipeline = pipelines.find((one) => one.name === chosen) ?? pipelines[0];
  const over = useDrop(setFiles);

  async function send(form: HTMLFormElement): Promise<void> {
    if (!pipeline) return;
    localStorage.setItem(kLast, pipeline.name);
    if (pipeline.upload && files.length === 0) throw new Error(t("new.noFile"));
    const order = {pipeline: pipeline.name, params: valuesOf(form, pipeline.params), name: valueOf(form, "name"), labels: labelsOf(valueOf(form, "labels"))};
    const ids: string[] = [];
    for (const file of pipeline.upload ? files : [null]) {
      const earlier = file ? await unfinished(file, pipeline.name) : null;
      if (file && earlier && await confirmed(t("upload.again", {name: file.name, done: percent(earlier.offset / (file.size || 1))}), t("upload.resume"), t("upload.fresh")))
        ids.push(resume(earlier.found, earlier.offset, file));
      else ids.push(await submit({...order, name: files.length > 1 ? "" : order.name}, file));
    }
    go(ids.length === 1 ? "#/batches/" + ids[0] : "#/");
  }

  const size = files.reduce((sum, file) => sum + file.size, 0);
  return <section class="page medium">
    <div class="head"><h1>{t("nav.new")}</h1></div>
    <Failed error={error} />
    {data && pipelines.length === 0 ? <p class="empty">{t("new.noPipelines")}</p> : null}
    {pipeline ? <Form class="card stack new-batch" send={send}>
      {pipeline.upload ? <label class={over ? "drop over" : "drop"}>
        <b>{files.length === 0 ? t("new.drop") : t("new.files", {n: files.length})}</b>
        <span class="quiet">{files.length === 0 ? t("new.kinds") : `${files.map((file) => file.name).join(", ")} · ${bytes(size)}`}</span>
        <input name="file" type="file" multiple onChange={(event) => setFiles([...event.currentTarget.files ?? []])} /></label> : null}
      {files.length > 1 ? <p class="hint">{t("new.several", {n: files.length})}</p> : null}
      <label>{t("list.pipeline")}<select name="pipeline" value={pipeline.name} onChange={(event) => setChosen(event.currentTarget.value)}>
        {pipelines.map((one) => <option key={one.name} value={one.name}>{one.name}{one.description ? ` – ${one.description}` : ""}</option>)}</select>
        <span class="quiet">{t("new.stages", {stages: pipeline.stages.join(" → ")})}</span></label>
      <div class="grid" key={pipeline.name}>{pipeline.params.map((param) => <ParamField key={param.name} param={param} />)}</div>
      <div class="grid">
        <label>{t("name")}<input name="name" maxlength={200} placeholder={files[0]?.name ?? t("new.nameHint")} disabled={files.length > 1} /></label>
        <label>{t("new.labels")}<textarea name="labels" rows={1} placeholder="class=7B" /></label>
      </div>
      <div class="row end"><button class="main" onClick={(event) => {
        const bad = event.currentTarget.form?.querySelector<HTMLInputElement>(":invalid");
        if (bad) tellError(new Error(`${bad.name.replace(/^param\./, "")}: ${bad.validationMessage}`));
      }}>{t("new.start")}</button></div>
    </Form> : null}
  </section>;
}
