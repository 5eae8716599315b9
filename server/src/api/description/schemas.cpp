#include "api/description/schemas.h"

#include <array>
#include <string_view>

#include "api/description/event_schema.h"
#include "api/description/server_schemas.h"

namespace sheafline::api {

namespace {

// Each list has the same shape: {"items": [ITEM…], "next": CURSOR or null}.
constexpr std::array kListed{
    "Answer",   "ApiToken", "OpenSession", "AuditEntry", "Batch", "Decision", "Entry", "Finding",
    "NearCode", "Pipeline", "Plugin",      "Result",     "Sheet", "Template", "User",  "Worker"};

constexpr std::string_view kSignIn = R"json(
"SignIn":{"type":"object","required":["username","password"],"properties":{
 "username":{"type":"string"},"password":{"type":"string","format":"password"}}},
"Token":{"type":"object","required":["expires_in"],
 "description":"With a cookie, access_token and token_type are absent.","properties":{
 "access_token":{"type":"string"},"token_type":{"type":"string","enum":["bearer"]},
 "expires_in":{"type":"integer","description":"seconds"}}},
"Session":{"type":"object","required":["user","role","expires_at","must_change_password"],"properties":{
 "must_change_password":{"type":"boolean","description":"another person knows the password"},
 "user":{"type":"string"},"role":{"$ref":"#/components/schemas/Role"},
 "expires_at":{"$ref":"#/components/schemas/Time"}}},
"PasswordChange":{"type":"object","required":["old","new"],"additionalProperties":false,"properties":{
 "old":{"type":"string","format":"password"},"new":{"type":"string","format":"password"}}},
"OpenSession":{"type":"object","required":["id","address","opened_at","refreshed_at","expires_at",
  "current"],"properties":{"id":{"type":"string"},"address":{"type":"string"},
 "opened_at":{"$ref":"#/components/schemas/Time"},"refreshed_at":{"$ref":"#/components/schemas/Time"},
 "expires_at":{"$ref":"#/components/schemas/Time"},
 "current":{"type":"boolean","description":"the session of this request"}}},
"Scope":{"type":"string","enum":["read","create","decide","admin"]},
"ApiToken":{"type":"object","required":["id","name","scopes","created_at","expires_at",
  "last_used_at"],"properties":{"id":{"type":"string"},"name":{"type":"string"},
 "scopes":{"type":"array","items":{"$ref":"#/components/schemas/Scope"}},
 "created_at":{"$ref":"#/components/schemas/Time"},
 "expires_at":{"type":"string","format":"date-time","nullable":true},
 "last_used_at":{"type":"string","format":"date-time","nullable":true,
  "description":"within a minute"}}},
"CreatedApiToken":{"allOf":[{"$ref":"#/components/schemas/ApiToken"},{"type":"object",
 "required":["token"],"properties":{"token":{"type":"string","description":"shown only here"}}}]},
"NewApiToken":{"type":"object","required":["name","scopes"],"additionalProperties":false,
 "properties":{"name":{"type":"string","minLength":1,"maxLength":100},
 "scopes":{"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/Scope"}},
 "expires_days":{"type":"integer","minimum":1,"maximum":3650,"nullable":true,
  "description":"absent: the token does not expire"}}},
"StreamTicket":{"type":"object","required":["ticket","url"],"properties":{
 "ticket":{"type":"string"},"url":{"type":"string","description":"path and query of the stream"}}},
"Role":{"type":"string","enum":["viewer","reviewer","operator","admin"]},
"User":{"type":"object","required":["user","role","disabled","created_at"],"properties":{
 "user":{"type":"string"},"role":{"$ref":"#/components/schemas/Role"},"disabled":{"type":"boolean"},
 "created_at":{"$ref":"#/components/schemas/Time"}}},
"QuotaLimit":{"type":"object","required":["used","limit","own_limit"],"properties":{
 "used":{"type":"integer"},"limit":{"type":"integer","description":"what counts"},
 "own_limit":{"type":"integer","nullable":true,"description":"of this user; null: the server's"}}},
"Quota":{"type":"object","required":["user","bytes","uploads"],"properties":{
 "user":{"type":"string"},"bytes":{"$ref":"#/components/schemas/QuotaLimit"},
 "uploads":{"$ref":"#/components/schemas/QuotaLimit"}}},
"QuotaLimits":{"type":"object","additionalProperties":false,"properties":{
 "bytes":{"type":"integer","minimum":0,"maximum":9007199254740992,"nullable":true,
  "description":"of uploads and stored archives; null: the server's limit"},
 "uploads":{"type":"integer","minimum":0,"maximum":1000,"nullable":true,
  "description":"open at the same time; null: the server's limit"}}},
"AuditEntry":{"type":"object","required":["id","at","user","address","action","subject","detail",
  "status"],"properties":{
 "id":{"type":"integer","minimum":1},"at":{"$ref":"#/components/schemas/Time"},
 "user":{"type":"string","description":"for a failed sign-in, the name that was tried"},
 "address":{"type":"string","description":"of the client; empty for a command on the server"},
 "action":{"type":"string","description":"such as sign_in, batch_delete or batch_delete_failed"},
 "subject":{"type":"string","description":"the id of the batch or the name of the user"},
 "detail":{"type":"string","description":"such as the name of an artifact"},
 "status":{"type":"integer","description":"of the answer; 0 without one"}}},
"NewUser":{"type":"object","required":["user","password"],"additionalProperties":false,"properties":{
 "user":{"type":"string"},"password":{"type":"string","format":"password"},
 "role":{"$ref":"#/components/schemas/Role"}}},
"UserChange":{"type":"object","additionalProperties":false,"properties":{
 "password":{"type":"string","format":"password"},"role":{"$ref":"#/components/schemas/Role"},
 "disabled":{"type":"boolean"}}},)json";

constexpr std::string_view kBatches = R"json(
"Time":{"type":"string","format":"date-time","description":"UTC, such as 2025-11-20T12:00:05Z"},
"BatchId":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"},
"BatchState":{"type":"string","enum":["uploading","queued","running","retrying",
 "cancelling","interrupted","reviewing","completed","failed","cancelled"]},
"Failure":{"type":"object","required":["code","message","stage"],"properties":{
 "code":{"type":"string"},"message":{"type":"string"},"stage":{"type":"string"}}},
"NewBatch":{"type":"object","required":["pipeline"],"additionalProperties":false,"properties":{
 "pipeline":{"type":"string"},
 "params":{"type":"object","additionalProperties":{"oneOf":[
  {"type":"string"},{"type":"number"},{"type":"boolean"},{"$ref":"#/components/schemas/NewFile"}]},
  "description":"of a param of type file: the file, or its content as a text"},
 "length":{"type":"integer","minimum":1,"description":"bytes of the archive"},
 "sha256":{"type":"string","description":"of the archive, in hexadecimal digits"},
 "name":{"type":"string","maxLength":200,"description":"default: the file's name"},
 "filename":{"type":"string","description":"of the archive, as the sender knows it"},
 "labels":{"$ref":"#/components/schemas/Labels"}}},
"NewFile":{"type":"object","additionalProperties":false,"properties":{
 "filename":{"type":"string","description":"default: the name of the param"},
 "text":{"type":"string","description":"its content; or base64"},
 "base64":{"type":"string","format":"byte","description":"its content, at most 8 MiB"}}},
"Labels":{"type":"object","additionalProperties":{"type":"string","maxLength":200},
 "description":"at most 32; keys of letters, digits, '.', '_' and '-'"},
"BatchChange":{"type":"object","additionalProperties":false,"properties":{
 "name":{"type":"string","maxLength":200},"labels":{"$ref":"#/components/schemas/Labels"}}},
"Shares":{"type":"object","additionalProperties":false,"properties":{
 "users":{"type":"array","maxItems":1000,"items":{"type":"string"},"description":"default: none"},
 "everybody":{"type":"boolean","description":"everybody who signs in; default: false"}}},
"CreatedBatch":{"type":"object","required":["batch_id","state"],"properties":{
 "batch_id":{"$ref":"#/components/schemas/BatchId"},
 "state":{"$ref":"#/components/schemas/BatchState"},
 "upload_url":{"type":"string","description":"where to send the archive, while it is uploading"}}},
"Batch":{"type":"object","required":["batch_id","pipeline","state","execution","created_at",
  "finished_at","sheets_total","sheets_read","sheets_quarantined","sheets_discarded","seq","error",
  "user"],"properties":{
 "batch_id":{"$ref":"#/components/schemas/BatchId"},"pipeline":{"type":"string"},
 "name":{"type":"string"},"filename":{"type":"string","description":"as the sender knows it"},
 "exam":{"type":"string","description":"the param exam"},"labels":{"$ref":"#/components/schemas/Labels"},
 "state":{"$ref":"#/components/schemas/BatchState"},"execution":{"type":"integer","minimum":1},
 "created_at":{"$ref":"#/components/schemas/Time"},
 "finished_at":{"type":"string","format":"date-time","nullable":true},
 "sheets_total":{"type":"integer"},"sheets_waiting":{"type":"integer"},"sheets_read":{"type":"integer"},
 "sheets_quarantined":{"type":"integer"},"sheets_discarded":{"type":"integer"},
 "sheets_doubtful":{"type":"integer","description":"read ones with at least one doubt"},
 "answers_doubtful":{"type":"integer","description":"answers that a person should check"},
 "entries_total":{"type":"integer","description":"of the archive; each has sheets or is ignored"},
 "entries_ignored":{"type":"integer","description":"see GET …/entries"},
 "seq":{"type":"integer","description":"of the newest event"},
 "error":{"type":"object","nullable":true,"allOf":[{"$ref":"#/components/schemas/Failure"}]},
 "user":{"type":"string","description":"the owner"},
 "progress":{"allOf":[{"$ref":"#/components/schemas/Event"}],
  "description":"the newest event, while the batch has not ended; only in lists"},
 "files":{"type":"array","items":{"$ref":"#/components/schemas/BatchFile"},
  "description":"of its params of type file; only in GET /api/batches/{id}"}}},
"BatchFile":{"type":"object","required":["param","name","sha256","url"],"properties":{
 "param":{"type":"string"},"name":{"type":"string","description":"as the sender knows it"},
 "sha256":{"type":"string"},"url":{"type":"string"}}},
"StageStatus":{"type":"object","required":["stage_id","stage","state","attempt","started_at",
  "finished_at","elapsed_seconds","done","total","failed","error"],"properties":{
 "stage_id":{"type":"string"},"stage":{"type":"string"},
 "state":{"type":"string","enum":["pending","running","retrying","completed","failed","skipped","cancelled"]},
 "attempt":{"type":"integer"},"started_at":{"type":"string","format":"date-time","nullable":true},
 "finished_at":{"type":"string","format":"date-time","nullable":true},
 "elapsed_seconds":{"type":"number","nullable":true,"description":"from its first start to its end"},
 "active_seconds":{"type":"number","nullable":true,"description":"of work, without pauses"},"done":{"type":"integer"},
 "total":{"type":"integer"},"failed":{"type":"integer"},"error":{"type":"string","nullable":true}}},
"Artifact":{"type":"object","required":["name","size","sha256","url"],"properties":{
 "name":{"type":"string"},"size":{"type":"integer","description":"bytes"},
 "sha256":{"type":"string"},"url":{"type":"string"}}},
"BatchStatus":{"type":"object","required":["batch_id","pipeline","state","execution","progress",
  "stages","artifacts","error"],"properties":{
 "batch_id":{"$ref":"#/components/schemas/BatchId"},"pipeline":{"type":"string"},
 "state":{"$ref":"#/components/schemas/BatchState"},"execution":{"type":"integer"},
 "sheets_total":{"type":"integer"},"sheets_waiting":{"type":"integer"},"sheets_read":{"type":"integer"},
 "sheets_quarantined":{"type":"integer"},"sheets_discarded":{"type":"integer"},
 "sheets_doubtful":{"type":"integer","description":"read ones with at least one doubt"},
 "answers_doubtful":{"type":"integer","description":"answers that a person should check"},
 "entries_total":{"type":"integer","description":"of the archive; each has sheets or is ignored"},
 "entries_ignored":{"type":"integer","description":"see GET …/entries"},
 "progress":{"$ref":"#/components/schemas/Event"},
 "stages":{"type":"array","items":{"$ref":"#/components/schemas/StageStatus"}},
 "artifacts":{"type":"array","items":{"$ref":"#/components/schemas/Artifact"}},
 "error":{"type":"object","nullable":true,"allOf":[{"$ref":"#/components/schemas/Failure"}]}}},
"Events":{"type":"object","required":["events","next","final"],"properties":{
 "events":{"type":"array","items":{"$ref":"#/components/schemas/Event"}},
 "next":{"type":"integer","description":"the next value of after"},"final":{"type":"boolean"},
 "gap":{"type":"object","required":["from","to"],"description":"events that no longer exist",
  "properties":{"from":{"type":"integer"},"to":{"type":"integer"}}}}},
"EventOrEvents":{"description":"The newest event, or with `after` the events after it",
 "oneOf":[{"$ref":"#/components/schemas/Event"},{"$ref":"#/components/schemas/Events"}]},)json";

constexpr std::string_view kSheets = R"json(
"SheetState":{"type":"string","enum":["waiting","read","quarantined","discarded"]},
"Sheet":{"type":"object","required":["sheet","file","page","state","reason","qr","group",
  "attempts_failed"],"properties":{
 "sheet":{"type":"integer","minimum":1},"file":{"type":"string"},"page":{"type":"integer"},
 "state":{"$ref":"#/components/schemas/SheetState"},"reason":{"type":"string"},
 "qr":{"type":"string"},"group":{"type":"string"},"attempts_failed":{"type":"integer"}}},
"Reading":{"type":"object","required":["values","flags","confidence"],"properties":{
 "values":{"type":"object","additionalProperties":{"type":"string"}},
 "flags":{"type":"string","description":"such as q7:faint;q9:multiple"},
 "confidence":{"type":"number","minimum":0,"maximum":1},
 "places":{"type":"object","nullable":true,"description":"only with places=1; null if unknown",
  "allOf":[{"$ref":"#/components/schemas/SheetPlaces"}]}}},
"SheetPlaces":{"type":"object","description":"where the bubbles are, in pixels of the image",
 "required":["width","height","quarter_turns","fields","images","marks"],"properties":{
 "width":{"type":"integer"},"height":{"type":"integer"},
 "quarter_turns":{"type":"integer","description":"how far the image is turned clockwise"},
 "fields":{"type":"array","items":{"type":"object","required":["name","value","flag","bubbles"],
  "properties":{"name":{"type":"string"},
  "value":{"type":"string","description":"as it was read"},
  "flag":{"type":"string","description":"ok, or why it is in doubt"},
  "bubbles":{"type":"array","items":{"$ref":"#/components/schemas/BubblePlace"}}}}},
 "images":{"type":"array","items":{"type":"object","required":["name","corners"],"properties":{
  "name":{"type":"string"},
  "corners":{"type":"array","items":{"$ref":"#/components/schemas/ImagePoint"}}}}},
 "marks":{"type":"array","items":{"$ref":"#/components/schemas/ImagePoint"}}}},
"ImagePoint":{"type":"object","required":["x","y"],"properties":{
 "x":{"type":"number"},"y":{"type":"number"}}},
"BubblePlace":{"type":"object","description":"an ellipse around a bubble",
 "required":["x","y","half_width","half_height","turn_degrees","marked"],"properties":{
 "x":{"type":"number"},"y":{"type":"number"},"half_width":{"type":"number"},
 "half_height":{"type":"number"},
 "turn_degrees":{"type":"number","description":"clockwise"},"marked":{"type":"boolean"}}},
"SheetDetail":{"allOf":[{"$ref":"#/components/schemas/Sheet"},{"type":"object",
 "required":["image_url","reading"],"properties":{"image_url":{"type":"string"},
  "reading":{"type":"object","nullable":true,"allOf":[{"$ref":"#/components/schemas/Reading"}]}}}]},
"Answer":{"type":"object","required":["sheet","file","page","qr","group","field","value","flags",
  "confidence","alternatives","image_url","context_url"],"properties":{
 "sheet":{"type":"integer","minimum":1},"file":{"type":"string"},"page":{"type":"integer"},
 "qr":{"type":"string"},"group":{"type":"string"},
 "field":{"type":"string","description":"a column of the results, such as q7"},
 "value":{"type":"string","description":"as it was read"},
 "flags":{"type":"array","items":{"type":"string"},"description":"why it is in doubt"},
 "confidence":{"type":"number","minimum":0,"maximum":1},
 "alternatives":{"type":"array","items":{"$ref":"#/components/schemas/Alternative"}},
 "image_url":{"type":"string","description":"a picture of the answer"},
 "context_url":{"type":"string","description":"the same with the rows around it"}}},
"Alternative":{"type":"object","required":["value","darkness"],"properties":{
 "field":{"type":"string","description":"the template's field, for an answer of several fields"},
 "value":{"type":"string"},
 "darkness":{"type":"number","description":"of its bubble: 0 is paper, 1 is black"}}},
"Entry":{"type":"object","required":["entry","state","reason"],"properties":{
 "entry":{"type":"string","description":"its name in the archive"},
 "state":{"type":"string","enum":["ignored"]},
 "reason":{"type":"string","description":"why it is not a sheet"}}},
"Finding":{"type":"object","required":["id","problem","student","name","class","page","sheets","detail"],
 "properties":{"id":{"type":"integer","minimum":1},
 "problem":{"type":"string","enum":["missing_student","missing_page","several_sheets","unknown_student","other_exam","no_student"]},
 "student":{"type":"string"},"name":{"type":"string"},"class":{"type":"string"},
 "page":{"type":"integer","description":"0: it is not about a page"},
 "sheets":{"type":"array","items":{"type":"integer"}},"detail":{"type":"string"}}},
"NearCode":{"type":"object","required":["code","student","name","class","page","edits","sheet"],
 "properties":{"code":{"type":"string"},"student":{"type":"string","description":"the id"},
 "name":{"type":"string"},"class":{"type":"string"},
 "page":{"type":"string","description":"empty if codes do not name pages"},
 "edits":{"type":"integer","nullable":true,"description":"from the text to the code; null without a text"},
 "sheet":{"type":"integer","nullable":true,"description":"another sheet that has the code already"}}},
"ScoringKey":{"type":"object","additionalProperties":true,
 "description":"A key as 'sheafline schema key' describes it; also as CSV with the lines question,answer,points,wrong,blank."},
"SheetFix":{"type":"object","additionalProperties":false,
 "description":"Either qr or discard.","properties":{
 "qr":{"type":"string","description":"the code as a person reads it"},
 "discard":{"type":"boolean","enum":[true]}}},
"NewDecision":{"type":"object","additionalProperties":false,
 "description":"Exactly one of value and confirm (each with sheet and field), qr, discard and read_again (with sheet), continue, undo.",
 "properties":{"sheet":{"type":"integer","minimum":1},"field":{"type":"string"},
 "value":{"type":"string","description":"empty for no answer"},
 "confirm":{"type":"boolean","enum":[true],"description":"what was read is right"},
 "qr":{"type":"string","description":"the code as a person reads it"},
 "discard":{"type":"boolean","enum":[true],"description":"the sheet does not belong to the batch"},
 "read_again":{"type":"boolean","enum":[true],"description":"from its image"},
 "force":{"type":"boolean","enum":[true],"description":"read again although people decided about the sheet"},
 "continue":{"type":"boolean","enum":[true],"description":"the batch continues without what is open"},
 "undo":{"type":"integer","minimum":1,"description":"the id of a decision that does not count any more"},
 "replace":{"type":"integer","minimum":1,"description":"the id of the decision that this one replaces"},
 "reason":{"type":"string","maxLength":1000}}},
"DecisionRules":{"type":"object","properties":{
 "code_pattern":{"type":"string","description":"of a code; absent if the pipeline does not check codes"}}},
"NewDecisions":{"type":"array","items":{"$ref":"#/components/schemas/NewDecision"}},
"DecisionState":{"type":"string","enum":["pending","applying","applied","undone"]},
"Decision":{"type":"object","required":["id","sheet","field","kind","value","undoes","before",
  "before_flag","user","at","reason","state","execution","undone_by"],"properties":{
 "id":{"type":"integer","minimum":1},"sheet":{"type":"integer","description":"0: about the batch"},
 "field":{"type":"string"},"kind":{"type":"string","enum":["value","confirm","qr","discard",
  "read_again","continue","score","undo"]},"value":{"type":"string"},
 "undoes":{"type":"integer","description":"the decision that an undo is about, else 0"},
 "before":{"type":"string","description":"the value, code or state before the decision"},
 "before_flag":{"type":"string","description":"why the answer was in doubt or the sheet quarantined"},
 "user":{"type":"string"},"at":{"$ref":"#/components/schemas/Time"},"reason":{"type":"string"},
 "state":{"$ref":"#/components/schemas/DecisionState"},
 "execution":{"type":"integer","description":"in which it was applied, 0 before"},
 "undone_by":{"type":"integer","description":"the decision that undid or replaced it, else 0"}}},
"Result":{"type":"object","additionalProperties":{"type":"string"},
 "description":"One row per sheet; the keys are the columns of the CSV."},)json";

std::string listOf(const std::string& item) {
    return '"' + item +
           R"json(List":{"type":"object","required":["items","next"],"properties":{"items":{)json"
           R"json("type":"array","items":{"$ref":"#/components/schemas/)json" +
           item +
           R"json("}},"next":{"type":"string","nullable":true,)json"
           R"json("description":"the value of after for the next page"}}},)json";
}

// The published schema without the key that OpenAPI 3.0 does not know.
std::string eventAsComponent() {
    std::string schema = eventSchema();
    const std::size_t from = schema.find("\"$schema\"");
    schema.erase(from, schema.find('\n', from) - from);
    return "\"Event\":" + schema + ',';
}

}  // namespace

std::string componentSchemas() {
    std::string schemas = eventAsComponent();
    for (const char* item : kListed) schemas += listOf(item);
    for (const std::string_view part : {kSignIn, kBatches, kSheets, kServerSchemas})
        schemas += part;
    return schemas;
}

}  // namespace sheafline::api
