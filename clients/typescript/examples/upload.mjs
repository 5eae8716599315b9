// Uploads a file from Node.js, watches its batch, and saves the results:
//   SHEAFLINE_TOKEN=sft_... node upload.mjs https://sheafline.example scans.zip omr-batch exam=math
import {SheaflineClient, SheaflineError} from "@sheafline/client";
import {fileSource, fileStore} from "@sheafline/client/node";
import {writeFileSync} from "node:fs";

const [url, file, pipeline, ...settings] = process.argv.slice(2);
if (!url || !file || !pipeline) {
  console.error("usage: node upload.mjs URL FILE PIPELINE [PARAM=VALUE]...");
  process.exit(2);
}
const client = new SheaflineClient(url, {token: () => process.env.SHEAFLINE_TOKEN ?? ""});

try {
  // If this program stopped earlier with the same file, the upload continues where it was.
  const batch = await client.upload(await fileSource(file), {
    pipeline,
    params: Object.fromEntries(settings.map((setting) => setting.split("=", 2))),
    store: fileStore("uploads.json"),
    onProgress: ({sent, size, left}) => console.error(`${Math.floor(100 * sent / (size || 1))} %${left === null ? "" : `, ${Math.ceil(left)} s left`}`),
  });
  for await (const event of client.watch(batch)) console.log(event.seq, event.stage, event.message);
  const {state, artifacts, error} = await client.status(batch);
  for (const {name} of artifacts) writeFileSync(name, Buffer.from(await (await client.artifact(batch, name)).arrayBuffer()));
  console.log(`${state}: ${artifacts.map(({name}) => name).join(", ")}`);
  if (error) console.error(`${error.code}: ${error.message}`);
  process.exitCode = state === "completed" ? 0 : 1;
} catch (error) {
  if (!(error instanceof SheaflineError)) throw error;
  console.error(`${error.code || error.status}: ${error.message}`);
  process.exitCode = 1;
}
