// Starts batches on the dashboard: several files of several kinds, files for params, a reload and a restart in the middle of an
// upload.
import assert from "node:assert/strict";
import {mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {assertAccessible, assertQuiet, kCut, kEnter, kNotSignedIn, sampleOf, signIn, visit} from "./dashboard_browser.mjs";
import {Chromium} from "./chromium.mjs";
import {SheaflineServer, demoPipelines, eventually, sha256, start} from "./sheafline_server.mjs";
import {chromium, server} from "./dashboard_site.mjs";

// Drops files on the window, as from the file manager. Their contents are passed in base64.
const drop = (browser, files) => browser.run(async (list) => {
  const transfer = new DataTransfer();
  for (const {name, base64} of list) transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, {lastModified: 1_700_000_000_000}));
  for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}, files);

async function imagesOf(name, count) {
  const zip = await sampleOf(server, name, "--sheets", String(count));
  const script = "import sys,zipfile,base64,json; z=zipfile.ZipFile(sys.argv[1]); print(json.dumps([{'name':n,'base64':base64.b64encode(z.read(n)).decode()} for n in z.namelist() if not n.endswith('/')]))";
  const listed = start("python3", ["-c", script, zip]);
  assert.equal(await listed.end, 0);
  return JSON.parse(listed.out);
}

// A PDF with one scanned page, whose image is a JPEG.
function pdfOf(jpeg, width, height) {
  const parts = [
    Buffer.from("%PDF-1.4\n"),
    Buffer.from("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"),
    Buffer.from("2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"),
    Buffer.from(`3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>\nendobj\n`),
    Buffer.from("4 0 obj\n<</Length 30>>\nstream\nq 595 0 0 842 0 0 cm /I Do Q  \nendstream\nendobj\n"),
    Buffer.concat([Buffer.from(`5 0 obj\n<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length ${jpeg.length}>>\nstream\n`),
      jpeg, Buffer.from("\nendstream\nendobj\n")]),
  ];
  let at = 0;
  const places = parts.map((part) => { const place = at; at += part.length; return place; });
  const rows = places.slice(1).map((place) => String(place).padStart(10, "0") + " 00000 n \n").join("");
  return Buffer.concat([...parts, Buffer.from(`xref\n0 6\n0000000000 65535 f \n${rows}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`)]);
}

test("images and a PDF that are dropped on the list of batches become one batch, and each is read", async () => {
  const images = await imagesOf("images", 4);
  const jpeg = images.find((image) => /\.jpe?g$/i.test(image.name));
  let pages = images.length;
  const files = images.map((image) => ({...image, name: image.name.split("/").pop()}));
  if (jpeg) {
    const bytes = Buffer.from(jpeg.base64, "base64");
    const frame = bytes.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(bytes[i + 1]));
    files.push({name: "scan.pdf", base64: pdfOf(bytes, bytes.readUInt16BE(frame + 7), bytes.readUInt16BE(frame + 5)).toString("base64")});
    ++pages;
  }
  await signIn(chromium, server);
  await drop(chromium, files);
  await chromium.waitFor(".drop", new RegExp(`${files.length} files`));
  await chromium.waitFor(".hint", /become one batch/);
  await assertAccessible(chromium, "the page of a new batch with files");
  await chromium.screenshot("15-new-batch");
  await chromium.type("input[name='param.exam']", "math");
  await chromium.type("input[name=name]", "dropped");
  await chromium.click(".new-batch button.main");
  await chromium.waitFor("h1", /^dropped$/);
  await chromium.waitFor(".state", /completed/);
  const [batch] = (await server.call("/api/batches?q=dropped")).items;
  assert.equal(batch.entries_total, files.length);
  assert.equal(batch.sheets_total, pages);
  await assertQuiet(chromium, kNotSignedIn);
});

test("a ZIP and other files become two batches, and a file that is no scan is named", async () => {
  const zip = readFileSync(await sampleOf(server, "zip", "--sheets", "2")).toString("base64");
  await visit(chromium, "#/new");
  await chromium.waitFor(".new-batch");
  await drop(chromium, [{name: "a.zip", base64: zip}, {name: "page.png", base64: "iVBORw0KGgo="}, {name: "letter.docx", base64: "UEsDBA=="}]);
  await chromium.waitFor(".new-batch", /become 2 batches/);
  await chromium.waitFor(".new-batch .wait", /letter\.docx/);
});

test("a dropped folder becomes one batch in the order of its names, without the files of the system", async () => {
  const folder = join(chromium.folder.path, "Room 12");
  mkdirSync(join(folder, "second"), {recursive: true});
  const images = await imagesOf("folder", 4);
  const names = ["page-10.jpg", "page-2.jpg", "second/page-1.jpg", "page-1.jpg"];
  images.forEach((image, i) => writeFileSync(join(folder, names[i]), Buffer.from(image.base64, "base64")));
  for (const name of [".DS_Store", "Thumbs.db", "second/desktop.ini"]) writeFileSync(join(folder, name), "of the system");
  for (let i = 0; i < 130; ++i) writeFileSync(join(folder, `note-${i}.txt`), `${i}`);  // a browser lists a folder in parts of 100
  await visit(chromium, "#/");
  await chromium.waitFor("h1", /Batches/);
  const data = {items: [], files: [folder], dragOperationsMask: 1};
  for (const type of ["dragEnter", "dragOver", "drop"])
    await chromium.send("POST", "/goog/cdp/execute", {cmd: "Input.dispatchDragEvent", params: {type, x: 300, y: 300, data}});
  await chromium.waitFor(".drop", /134 files/);
  await chromium.waitFor(".hint", /134 files of the folder “Room 12” become one batch, in the order of their names/);
  await assertAccessible(chromium, "the page of a new batch with a folder");
  await chromium.type("input[name='param.exam']", "math");
  await chromium.click(".new-batch button.main");
  await chromium.waitFor("h1", /Room 12\.zip/);
  await chromium.waitFor(".state", /completed/);
  const [batch] = (await server.call("/api/batches?q=Room")).items;
  const sheets = (await server.call(`/api/batches/${batch.batch_id}/sheets`)).items;
  assert.deepEqual(sheets.map((sheet) => sheet.file), ["Room 12/page-1.jpg", "Room 12/page-2.jpg", "Room 12/page-10.jpg", "Room 12/second/page-1.jpg"]);
  assert.equal(batch.entries_total, 134);
  await assertQuiet(chromium, kNotSignedIn);
});

test("a folder that is chosen in the form, and files beside a folder, become batches as well", async () => {
  await visit(chromium, "#/new");
  await chromium.waitFor("input[name=folder]");
  await chromium.run(async () => {
    const transfer = new DataTransfer();
    for (const [name, path] of [["b.png", "Scans/b.png"], ["a.zip", "Scans/a.zip"], ["c.png", ""], [".hidden", "Scans/.hidden"]]) {
      const file = new File(["x"], name);
      Object.defineProperty(file, "webkitRelativePath", {value: path});
      transfer.items.add(file);
    }
    const input = document.querySelector("input[name=folder]");
    Object.defineProperty(input, "files", {configurable: true, value: [...transfer.files].map((file, i) => Object.defineProperty(file, "webkitRelativePath", {value: ["Scans/b.png", "Scans/a.zip", "", "Scans/.hidden"][i]}))});
    input.dispatchEvent(new Event("change", {bubbles: true}));
  });
  await chromium.waitFor(".new-batch", /become 3 batches: one for each ZIP and each folder/);
  await visit(chromium, "#/");
  await assertQuiet(chromium, kNotSignedIn);
});

test("an upload survives a reload of the page and a restart of the server, and asks before it continues", async () => {
  const mine = await SheaflineServer.create({settings: demoPipelines()});
  const browser = await Chromium.create();
  try {
    const path = await sampleOf(server, "slow upload", "--sheets", "120");
    await signIn(browser, mine);
    const speed = (bytes) => browser.send("POST", "/goog/cdp/execute", {cmd: "Network.emulateNetworkConditions", params: {offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes}});
    const choose = async () => {
      await visit(browser, "#/new");
      await browser.waitFor("input[name=file]");
      await browser.type("input[name=file]", path);
      await browser.click(".new-batch button.main");
    };
    await browser.send("POST", "/goog/cdp/execute", {cmd: "Network.enable", params: {}});
    await speed(4_000_000);
    await choose();
    await browser.waitFor(".tray", /of .*MB.*left/);
    await eventually(async () => Number((await browser.text(".tray .number")).replace(/\D/g, "")) >= 40, "the upload never got to 40 %");
    const [batch] = (await mine.call("/api/batches")).items;
    assert.equal(batch.state, "uploading");
    const warns = await browser.run(async () => !dispatchEvent(new Event("beforeunload", {cancelable: true})));
    assert.equal(warns, true, "the browser warns before the page closes");
    await browser.run(async () => { addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), {capture: true}); });
    await mine.crash();
    await browser.waitFor(".tray .upload.waiting", /continues by itself/);
    await mine.start();
    await browser.waitFor(".tray .upload.sending", /MB of/);
    await browser.send("POST", "/refresh", {}).catch(() => {});
    await browser.send("POST", "/alert/accept", {}).catch(() => {});
    await browser.waitFor("#who", /admin/);
    await speed(-1);
    await visit(browser, "#/new");
    await browser.waitFor(".unfinished", /slow upload\.zip, stopped at \d+/);
    await assertAccessible(browser, "unfinished uploads");
    await browser.screenshot("16-unfinished");
    await choose();
    await browser.waitFor("dialog[open]", /stopped at \d+.*Continue it\?/);
    await browser.screenshot("17-continue");
    await browser.run(async () => document.querySelector("dialog button[value=yes]").click());
    await browser.waitFor(".tray", /Uploaded/);
    const ended = await mine.ended(batch.batch_id);
    assert.equal(ended.state, "completed");
    assert.equal(sha256(mine.archiveOf(batch.batch_id)), sha256(readFileSync(path)), "no byte is lost");
    assert.equal((await mine.call("/api/batches")).items.length, 1, "it is the same batch");
    assert.equal(await browser.run(async () => Object.keys(localStorage).filter((key) => key.startsWith("sheafline-upload")).length), 0);
    await assertQuiet(browser, kNotSignedIn, kCut, /401/);
  } finally {
    await browser.remove();
    await mine.remove();
  }
});

test("a param of type file takes a file, and one that is too large is rejected before the upload", async () => {
  const mine = await SheaflineServer.create({pipelines: {roster: `name: roster
description: Compares with a class list
params:
  input: {type: path, required: true}
  roster: {type: file, required: true, help: the class list}
stages:
  - {id: extract, uses: extract, with: {archive: "\${{ params.input }}"}}
`}});
  const browser = await Chromium.create();
  try {
    await signIn(browser, mine);
    await visit(browser, "#/new");
    await browser.waitFor("input[name='param.roster']");
    await browser.waitFor(".new-batch", /Compares with a class list/);
    const list = join(browser.folder.path, "class.csv");
    const large = join(browser.folder.path, "large.csv");
    writeFileSync(list, "student,name\n1,Jürgen\n");
    writeFileSync(large, "x".repeat(9 << 20));
    await browser.type("input[name=file]", await sampleOf(mine, "few", "--sheets", "2"));
    await browser.type("input[name='param.roster']", large);
    await browser.click(".new-batch button.main");
    await browser.waitFor("#error", /large\.csv has 9.*at most 8/);
    await browser.run(async () => { document.querySelector("input[name='param.roster']").value = ""; });
    await browser.type("input[name='param.roster']", list);
    await browser.click(".new-batch button.main");
    await browser.waitFor(".state", /completed|failed/);
    const [batch] = (await mine.call("/api/batches")).items;
    const [file] = (await mine.call("/api/batches/" + batch.batch_id)).files;
    assert.equal(file.name, "class.csv");
    const kept = await fetch(`${mine.url}/api/batches/${batch.batch_id}/files/roster`, {headers: mine.authorization});
    assert.equal(sha256(Buffer.from(await kept.arrayBuffer())), sha256(readFileSync(list)));
  } finally {
    await browser.remove();
    await mine.remove();
  }
});
