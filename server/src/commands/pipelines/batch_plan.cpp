#include "commands/pipelines/batch_plan.h"

#include <algorithm>
#include <string_view>

#include <sheafline/json_writer.h>

namespace sheafline {

namespace {

std::string_view textOf(StageForecast::Runs runs) {
    switch (runs) {
        case StageForecast::Runs::yes:
            return "yes";
        case StageForecast::Runs::no:
            return "no";
        case StageForecast::Runs::decided_later:
            return "decided_later";
    }
    return "";
}

void addSeconds(JsonWriter& json, std::optional<double> seconds) {
    json.key("seconds");
    seconds ? json.fixed(*seconds, 3) : json.raw("null");
}

void addBytes(JsonWriter& json, std::string_view name, std::optional<std::uint64_t> bytes) {
    json.key(name);
    bytes ? json.integer(*bytes) : json.raw("null");
}

}  // namespace

std::optional<double> BatchPlan::seconds() const {
    std::optional<double> sum;
    for (const StageForecast& stage : stages)
        if (stage.seconds) sum = sum.value_or(0) + *stage.seconds;
    return sum;
}

bool BatchPlan::everyTimeIsKnown() const {
    return std::ranges::all_of(stages, [](const StageForecast& stage) {
        return stage.seconds || stage.runs == StageForecast::Runs::no;
    });
}

std::uint64_t BatchPlan::bytes() const {
    return size.packed_bytes + size.extracted_bytes + artifact_bytes;
}

std::string planJson(const BatchPlan& plan) {
    JsonWriter json;
    json.beginObject().text("pipeline", plan.pipeline).text("input", plan.input);
    addBytes(json, "files", plan.size.files);
    json.key("stages").beginArray();
    for (const StageForecast& stage : plan.stages) {
        json.beginObject().text("id", stage.id).text("uses", stage.uses);
        json.text("runs", textOf(stage.runs)).key("condition");
        stage.condition.empty() ? json.raw("null") : json.text(stage.condition);
        json.boolean("after_review", stage.after_review).boolean("at_end", stage.at_end);
        addSeconds(json, stage.seconds);
        json.endObject();
    }
    json.endArray().key("time").beginObject();
    addSeconds(json, plan.seconds());
    json.boolean("complete", plan.everyTimeIsKnown()).integer("batches", plan.past_batches);
    json.endObject().key("disk").beginObject().integer("bytes", plan.bytes());
    json.integer("input_bytes", plan.size.packed_bytes);
    json.integer("extracted_bytes", plan.size.extracted_bytes);
    json.integer("artifact_bytes", plan.artifact_bytes);
    addBytes(json, "free_bytes", plan.free_bytes);
    json.boolean("fits", plan.fits());
    return json.endObject().endObject().take();
}

std::string planSchema() {
    return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "What a batch would run",
  "description": "Printed by `sheafline plan --json`. Clients ignore keys that they do not know.",
  "type": "object",
  "required": ["pipeline", "input", "files", "stages", "time", "disk"],
  "properties": {
    "pipeline": {"type": "string"},
    "input": {"type": "string", "description": "the file, as it was given"},
    "files": {"type": ["integer", "null"], "minimum": 0, "description": "files in the input; null for a PDF, whose pages are not counted"},
    "stages": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["id", "uses", "runs", "condition", "after_review", "at_end", "seconds"],
        "properties": {
          "id": {"type": "string"},
          "uses": {"type": "string", "description": "name of the plugin"},
          "runs": {"enum": ["yes", "no", "decided_later"], "description": "decided_later: by what earlier stages do"},
          "condition": {"type": ["string", "null"], "description": "the key `if` of the pipeline file"},
          "after_review": {"type": "boolean", "description": "starts when people have decided what is in doubt"},
          "at_end": {"type": "boolean", "description": "runs at the end in any case"},
          "seconds": {"type": ["number", "null"], "minimum": 0, "description": "estimated; null if not known"}
        }
      }
    },
    "time": {
      "type": "object",
      "required": ["seconds", "complete", "batches"],
      "properties": {
        "seconds": {"type": ["number", "null"], "minimum": 0, "description": "of the stages that have an estimate"},
        "complete": {"type": "boolean", "description": "every stage that may run has an estimate"},
        "batches": {"type": "integer", "minimum": 0, "description": "earlier batches that the estimates come from"}
      }
    },
    "disk": {
      "type": "object",
      "required": ["bytes", "input_bytes", "extracted_bytes", "artifact_bytes", "free_bytes", "fits"],
      "properties": {
        "bytes": {"type": "integer", "minimum": 0, "description": "used at most: input, extracted files and artifacts"},
        "input_bytes": {"type": "integer", "minimum": 0},
        "extracted_bytes": {"type": "integer", "minimum": 0},
        "artifact_bytes": {"type": "integer", "minimum": 0, "description": "estimated from earlier batches"},
        "free_bytes": {"type": ["integer", "null"], "minimum": 0},
        "fits": {"type": "boolean", "description": "false if fewer bytes are free than are needed"}
      }
    }
  }
}
)json";
}

}  // namespace sheafline
