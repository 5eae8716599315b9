// The files that a batch made, each with a sentence on what it is.
import {batchPath} from "../../api/call.js";
import type {Artifact} from "../../api/types.js";
import {bytes} from "../../text/format.js";
import {t} from "../../text/text.js";
import {mainArtifact} from "./verdict.js";

function aboutOf(artifact: Artifact, main: boolean): string {
  const name = artifact.name.toLowerCase();
  if (name === "codes.csv") return t("file.codes");
  if (name === "decisions.csv") return t("file.decisions");
  if (name === "analysis.html") return t("file.analysis");
  if (name === "analysis.json") return t("file.analysisJson");
  if (name === "roster-findings.csv") return t("file.findings");
  if (name.includes("item")) return t("file.items");
  if (name.includes("score")) return t("file.scores");
  if (name.includes("statistic") || name.includes("summary")) return t("file.statistics");
  if (name.endsWith(".xlsx")) return t("file.xlsx");
  if (name.endsWith(".jsonl")) return t("file.jsonl");
  if (name.endsWith(".csv") && main) return t("file.results");
  if (name.endsWith(".csv")) return t("file.csv");
  if (name.endsWith(".pdf")) return t("file.pdf");
  if (name.endsWith(".json")) return t("file.json");
  return t("file.other");
}

export function Files({id, artifacts}: {readonly id: string; readonly artifacts: readonly Artifact[]}) {
  if (artifacts.length === 0) return null;
  const main = mainArtifact(artifacts);
  const sorted = [...artifacts].sort((a, b) => Number(b === main) - Number(a === main));
  return <section class="card files"><div class="row spread"><h2>{t("files")}</h2><a class="button" href={batchPath(id, "/bundle")} download title={t("files.allHint")}>{t("files.all")}</a></div>
    <ul>{sorted.map((artifact) => <li key={artifact.name}>
      <a class="button" href={artifact.url} download={artifact.name}>{artifact.name}</a>
      <span>{aboutOf(artifact, artifact === main)}</span><span class="quiet number">{bytes(artifact.size)}</span>
    </li>)}</ul>
  </section>;
}
