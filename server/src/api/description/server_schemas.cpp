#include "api/description/server_schemas.h"

namespace sheafline::api {

const std::string_view kServerSchemas = R"json(
"Param":{"type":"object","required":["name","type","help","required","default"],"properties":{
 "name":{"type":"string"},"type":{"type":"string"},"help":{"type":"string"},
 "required":{"type":"boolean"},"default":{"type":"string","nullable":true},
 "pattern":{"type":"string"},"min":{"type":"string"},"max":{"type":"string"},
 "choices":{"type":"array","items":{"type":"string"}}}},
"Pipeline":{"type":"object","required":["name","description","upload","params","stages"],
 "properties":{"name":{"type":"string"},"description":{"type":"string"},
 "upload":{"type":"boolean","description":"whether it takes a file"},
 "params":{"type":"array","items":{"$ref":"#/components/schemas/Param"}},
 "stages":{"type":"array","items":{"type":"string"}}}},
"PipelineGraph":{"type":"object","required":["name","description","nodes","edges","sinks"],
 "properties":{"name":{"type":"string"},"description":{"type":"string"},
 "nodes":{"type":"array","items":{"type":"object",
  "required":["id","uses","kind","condition","review"],"properties":{
  "id":{"type":"string","description":"the stage_id of GET /api/batches/{id}/status"},
  "uses":{"type":"string","description":"the name of its plugin"},
  "kind":{"type":"string","enum":["stage","finally"],
   "description":"finally: runs at the end in any case"},
  "condition":{"type":"string","description":"the expression of if, empty: it always runs"},
  "review":{"type":"boolean","description":"people decide before it"}}}},
 "edges":{"type":"array","items":{"type":"object","required":["from","to","kind"],"properties":{
  "from":{"type":"string"},"to":{"type":"string"},
  "kind":{"type":"string","enum":["needs","finally"]}}}},
 "sinks":{"type":"array","items":{"type":"string"},"description":"the plugins that get events"}}},
"Plugin":{"type":"object","required":["kind","name","version","summary"],"properties":{
 "kind":{"type":"string","enum":["stage","sink","processor"]},"name":{"type":"string"},
 "version":{"type":"string"},"summary":{"type":"string"}}},
"Template":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}},
"PrintOrder":{"type":"object","required":["templates"],"additionalProperties":false,"properties":{
 "templates":{"type":"array","minItems":1,"maxItems":20,"items":{"type":"string"},
  "description":"names of GET /api/templates; several are the pages of each student"},
 "roster":{"type":"string","description":"a class list as CSV with the columns id, name, class and others"},
 "copies":{"type":"integer","minimum":1,"maximum":2000,"description":"blank forms, without a roster"},
 "title":{"type":"string"},"instructions":{"type":"string"},
 "exam":{"type":"string","description":"{exam} in the codes"},
 "code":{"type":"string","description":"text of the QR codes, with {exam}, {page} and columns of the roster"},
 "paper":{"type":"string","enum":["a4","letter"]}}},
"Worker":{"type":"object","required":["name","state","concurrency","done","failed","sheets"],
 "properties":{"name":{"type":"string"},"state":{"type":"string"},"program":{"type":"string"},
 "processors":{"type":"object","additionalProperties":{"type":"string"}},
 "concurrency":{"type":"integer"},"done":{"type":"integer"},"failed":{"type":"integer"},
 "late":{"type":"integer"},"rate_per_second":{"type":"number"},"since":{"type":"string"},
 "heartbeat_ms":{"type":"integer"},"seen_seconds_ago":{"type":"number"},
 "sheets":{"type":"array","items":{"type":"object","properties":{"batch_id":{"type":"string"},
  "sheet":{"type":"integer"},"attempt":{"type":"integer"},"seconds":{"type":"number"}}}},
 "refuses":{"type":"array","items":{"type":"object","properties":{
  "batch_id":{"type":"string"},"reason":{"type":"string"}}}}}},
"System":{"type":"object","required":["version","since","running","waiting","streams","free_bytes"],
 "properties":{"version":{"type":"string"},"since":{"type":"string"},"running":{"type":"integer"},
 "waiting":{"type":"integer"},"streams":{"type":"integer"},"free_bytes":{"type":"integer"}}},
"ServiceError":{"type":"object","required":["code","message"],"properties":{
 "code":{"type":"string"},"message":{"type":"string"}}},
"SystemState":{"type":"object","required":["versions","since","queue","disk","database","redis",
  "sinks","streams","batches","workers"],"properties":{
 "versions":{"type":"object","required":["sheafline","plugin_abi","plugins","rejected_plugins"],
  "properties":{"sheafline":{"type":"string"},"plugin_abi":{"type":"integer"},
  "plugins":{"type":"integer"},"rejected_plugins":{"type":"integer",
   "description":"the log says why"}}},
 "since":{"type":"string","description":"start of the server"},
 "queue":{"type":"object","required":["running","waiting"],"properties":{
  "running":{"type":"integer"},"waiting":{"type":"integer"}}},
 "disk":{"type":"object","required":["total_bytes","free_bytes","full","error"],"properties":{
  "total_bytes":{"type":"integer"},"free_bytes":{"type":"integer"},
  "full":{"type":"boolean","description":"uploads are rejected"},
  "error":{"type":"string","description":"why the data folder cannot be written, or empty"}}},
 "database":{"type":"object","required":["kind","version","schema","size_bytes","log_bytes",
  "events","changes_waiting"],"properties":{"kind":{"type":"string","enum":["sqlite","postgresql"]},
  "version":{"type":"string"},"schema":{"type":"integer","description":"version of the history"},
  "size_bytes":{"type":"integer"},"log_bytes":{"type":"integer","description":"of the write-ahead log of SQLite"},
  "events":{"type":"integer"},"changes_waiting":{"type":"integer"}}},
 "redis":{"type":"object","nullable":true,"required":["reachable","version","latency_ms","error"],
  "description":"null: the server uses none","properties":{"reachable":{"type":"boolean"},
  "version":{"type":"string"},"latency_ms":{"type":"number","nullable":true},
  "error":{"type":"object","nullable":true,"allOf":[{"$ref":"#/components/schemas/ServiceError"}]}}},
 "sinks":{"type":"array","items":{"type":"object","required":["name","lag","error"],"properties":{
  "name":{"type":"string","description":"of a batch's pipeline: BATCH_ID/PLUGIN#NUMBER"},
  "lag":{"type":"integer","description":"events that it has still to take"},
  "error":{"type":"object","nullable":true,"description":"of its last delivery",
   "allOf":[{"$ref":"#/components/schemas/ServiceError"}]}}}},
 "streams":{"type":"object","required":["batches","lists"],"properties":{
  "batches":{"type":"integer"},"lists":{"type":"integer"}}},
 "batches":{"type":"array","description":"at work here, with rate and progress",
  "items":{"$ref":"#/components/schemas/Batch"}},
 "workers":{"type":"array","description":"on all hosts, from Redis",
  "items":{"$ref":"#/components/schemas/Worker"}}}},
"Health":{"type":"object","required":["status"],"properties":{
 "status":{"type":"string","enum":["ok"]}}},
"Readiness":{"type":"object","required":["status","reasons"],"properties":{
 "status":{"type":"string","enum":["ready","degraded","not ready"]},
 "reasons":{"type":"array","items":{"type":"string"}}}},
"JsonSchema":{"type":"object","additionalProperties":true},
"Problem":{"type":"object","required":["type","title","status","detail","code"],"properties":{
 "type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
 "detail":{"type":"string"},"code":{"type":"string"},"errors":{"type":"array","items":{
  "type":"object","properties":{"pointer":{"type":"string"},"detail":{"type":"string"},
  "decision":{"$ref":"#/components/schemas/Decision"}}}}}})json";

}  // namespace sheafline::api
