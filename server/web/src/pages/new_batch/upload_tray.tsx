// The uploads at the edge of every page.
import {bytes, duration, percent} from "../../text/format.js";
import {t} from "../../text/text.js";
import {confirmed} from "../../ui/ask.js";
import {Bar, Button} from "../../ui/controls.js";
import {type Upload, dismiss, isAtWork, useUploads} from "./uploads.js";

function aboutOf(upload: Upload): string {
  if (upload.state === "preparing") return t("upload.preparing", {done: percent(upload.prepared)});
  if (upload.state === "sent") return t("upload.sent");
  if (upload.state === "cancelled") return t("upload.cancelled");
  if (upload.state === "failed") return upload.problem;
  if (upload.state === "waiting") return t("upload.waiting");
  const left = upload.left !== null ? ", " + t("upload.left", {rate: bytes(upload.rate), left: duration(upload.left)}) : "";
  return t("upload.sending", {sent: bytes(upload.sent), size: bytes(upload.size)}) + left;
}

export function UploadTray() {
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  return <aside class="tray" aria-label={t("uploads")}>{uploads.map((upload) => {
    const share = upload.state === "preparing" ? upload.prepared : upload.size ? upload.sent / upload.size : 1;
    return <div key={upload.id} class={"upload " + upload.state}>
      <div class="row spread">{upload.batch ? <a href={"#/batches/" + upload.batch}>{upload.name}</a> : <span>{upload.name}</span>}<span class="number">{percent(share)}</span></div>
      {isAtWork(upload) ? <Bar share={share} label={t("upload.of", {name: upload.name})} /> : null}
      <div class="row spread"><span class="quiet">{aboutOf(upload)}</span>
        {isAtWork(upload) ? <Button kind="risky" act={async () => {
          if (await confirmed(t("upload.ask", {name: upload.name}), t("upload.cancel"), t("upload.keep"))) upload.abort.abort();
        }}>{t("upload.cancel")}</Button> : <Button kind="plain" label={t("close")} act={() => dismiss(upload)}>×</Button>}</div>
    </div>;
  })}</aside>;
}
