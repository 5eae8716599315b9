// A server with the demo's pipelines and a browser, for all tests of one file.
import {after, before} from "node:test";
import {Chromium} from "./chromium.mjs";
import {SheaflineServer, demoPipelines} from "./sheafline_server.mjs";

export let server;
export let chromium;

before(async () => {
  server = await SheaflineServer.create({settings: demoPipelines()});
  chromium = await Chromium.create();
});
after(async () => {
  await chromium?.remove();
  await server?.remove();
});
