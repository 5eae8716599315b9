#include "api/description/event_schema.h"

namespace sheafline {

std::string eventSchema() {
    return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Sheafline progress event",
  "description": "One step of a batch, as it stands in the history and goes to every reader. Unknown fields are to be ignored.",
  "type": "object",
  "required": ["stage", "message", "progress_percentage", "sheets_total", "sheets_processed", "elapsed_seconds", "timestamp", "batch_id", "seq"],
  "properties": {
    "stage": {"type": "string", "minLength": 1, "description": "queued, uploading, extracting, organizing_qr, processing_sheets, collecting_results, generating_csv, loading_database, cleanup, completed, failed, cancelled, or a plugin's own"},
    "message": {"type": "string"},
    "progress_percentage": {"type": "number", "minimum": 0, "maximum": 100, "description": "of this stage, one decimal; 100.0 only when it is done"},
    "sheets_total": {"type": "integer", "minimum": 0, "description": "0 while unknown"},
    "sheets_processed": {"type": "integer", "minimum": 0, "description": "read, quarantined and discarded ones"},
    "elapsed_seconds": {"type": "integer", "minimum": 0, "description": "since the batch was created; never falls"},
    "timestamp": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", "description": "UTC"},
    "batch_id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"},
    "seq": {"type": "integer", "minimum": 1, "description": "1, 2, 3 … in the batch, without a hole"},
    "stage_id": {"type": "string", "description": "the stage's id in the pipeline file"},
    "execution": {"type": "integer", "minimum": 1},
    "attempt": {"type": "integer", "minimum": 1},
    "eta_seconds": {"type": "integer", "minimum": 0, "description": "estimated time to the end of this stage"},
    "rate_per_second": {"type": "number", "minimum": 0, "description": "of what the stage counts"},
    "sheets_failed": {"type": "integer", "minimum": 0, "description": "quarantined ones"},
    "overall_percentage": {"type": "number", "minimum": 0, "maximum": 100, "description": "of the batch; never falls in an execution; 100.0 only at completed"},
    "sheets_doubtful": {"type": "integer", "minimum": 1, "description": "read ones with at least one doubt; absent if there is none"},
    "answers_doubtful": {"type": "integer", "minimum": 0, "description": "answers that a person should check; absent if no sheet is doubtful"},
    "error": {
      "type": "object",
      "required": ["code", "message", "stage"],
      "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "stage": {"type": "string"}}
    }
  }
}
)json";
}

}  // namespace sheafline
