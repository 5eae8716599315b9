#include <sheafline/sheets/load_template.h>

namespace sheafline::sheets {

std::string scoringKeySchema() {
    return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Sheafline key",
  "description": "The right answers of an exam, their points, versions and grades.",
  "type": "object",
  "additionalProperties": false,
  "definitions": {
    "number": {"type": "number", "minimum": -10000, "maximum": 10000},
    "value": {"type": ["string", "number"]},
    "points": {"oneOf": [{"$ref": "#/definitions/number"},
      {"type": "object", "additionalProperties": false, "properties": {
        "right": {"$ref": "#/definitions/number", "default": 1},
        "wrong": {"$ref": "#/definitions/number", "default": 0},
        "blank": {"$ref": "#/definitions/number", "default": 0}}}],
      "description": "Of an answer that is right, wrong or missing; a number alone is that of a right one."},
    "formula": {"type": "string", "maxLength": 1000,
      "description": "Points from right, wrong, missed, avoided, marked, answers, choices and points: points * max(0, right - wrong) / answers"},
    "lowest": {"$ref": "#/definitions/number", "description": "The least points of a question, or the least score of the exam."},
    "weight": {"type": "number", "minimum": 0, "maximum": 10000, "default": 1},
    "bonus": {"enum": ["none", "attempted", "all"], "default": "none",
      "description": "Who gets the points whatever the answer is."},
    "cancelled": {"type": "boolean", "default": false, "description": "true: the question counts for nobody."},
    "answer": {"oneOf": [{"$ref": "#/definitions/value"}, {"type": "array", "items": {"$ref": "#/definitions/value"}}],
      "description": "The right answer, or several of which each is right."},
    "question": {"oneOf": [{"$ref": "#/definitions/answer"},
      {"type": "object", "additionalProperties": false, "properties": {
        "answer": {"$ref": "#/definitions/answer"},
        "answers": {"type": "object", "additionalProperties": {"$ref": "#/definitions/number"},
          "description": "Right answers with their own points: {B: 2, C: 1.5}."},
        "all": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/value"},
          "description": "Choices that must all be marked."},
        "points": {"$ref": "#/definitions/points"}, "formula": {"$ref": "#/definitions/formula"},
        "lowest": {"$ref": "#/definitions/lowest"}, "weight": {"$ref": "#/definitions/weight"},
        "bonus": {"$ref": "#/definitions/bonus"}, "cancelled": {"$ref": "#/definitions/cancelled"}}}]},
    "questions": {"type": "object", "additionalProperties": {"$ref": "#/definitions/question"},
      "description": "By column of the output, or range of columns: q1..q20."},
    "section": {"type": "object", "additionalProperties": false, "required": ["questions"], "properties": {
      "questions": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
      "points": {"$ref": "#/definitions/points"}, "formula": {"$ref": "#/definitions/formula"},
      "lowest": {"$ref": "#/definitions/lowest"}, "weight": {"$ref": "#/definitions/weight"},
      "bonus": {"$ref": "#/definitions/bonus"}, "cancelled": {"$ref": "#/definitions/cancelled"}}}
  },
  "properties": {
    "points": {"$ref": "#/definitions/points"},
    "formula": {"$ref": "#/definitions/formula"},
    "weight": {"$ref": "#/definitions/weight"},
    "bonus": {"$ref": "#/definitions/bonus"},
    "cancelled": {"$ref": "#/definitions/cancelled"},
    "questions": {"$ref": "#/definitions/questions"},
    "sections": {"type": "object", "additionalProperties": {"$ref": "#/definitions/section"},
      "description": "Groups of questions with their own points."},
    "versions": {"type": "object", "additionalProperties": false, "required": ["by", "keys"], "properties": {
      "by": {"type": "string", "description": "A text with {column}, {qr} or {group}; a name alone is a column."},
      "otherwise": {"type": "string", "description": "The version of sheets that fit none."},
      "keys": {"type": "object", "description": "By name of the version: its questions, which replace those of the whole key.",
        "additionalProperties": {"oneOf": [{"$ref": "#/definitions/questions"},
          {"type": "object", "additionalProperties": false, "properties": {
            "match": {"type": "string", "description": "A pattern for the whole text of by; default: the name."},
            "questions": {"$ref": "#/definitions/questions"}}}]}}}},
    "lowest": {"$ref": "#/definitions/lowest"},
    "out_of": {"type": "number", "minimum": 0.001, "description": "The score of a sheet without a mistake; others are scaled."},
    "step": {"type": "number", "minimum": 0.000001, "description": "Scores are rounded to multiples of it."},
    "grades": {"type": "array", "description": "The highest grade first; adds the column grade.",
      "items": {"type": "object", "additionalProperties": false, "required": ["from", "grade"], "properties": {
        "from": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?%$"}]},
        "grade": {"$ref": "#/definitions/value"}}}}
  }
}
)json";
}

}  // namespace sheafline::sheets
